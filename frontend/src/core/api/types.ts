import type { components as Facade } from "./client_facade.schema";
import type { components as Log } from "./log_facade.schema";

/** The shapes that the facades speak, by the names that the pages use. */

type FacadeSchemas = Facade["schemas"];
type LogSchemas = Log["schemas"];

/** `pending` names the writes made here that the server has not decided yet. */
export type Client = FacadeSchemas["Client"] & { pending?: string[] };
export type NewClient = FacadeSchemas["NewClient"];
export type History = Omit<FacadeSchemas["ClientHistory"], "changes"> & { changes: Change[] };
export type FieldError = FacadeSchemas["FieldError"];
export type Conflict = FacadeSchemas["Conflict"];
export type Reason = FacadeSchemas["Reason"];
export type SessionState = FacadeSchemas["SessionState"];
export type Receipt = FacadeSchemas["Receipt"];
export type KnownFacade = FacadeSchemas["KnownFacade"];

export type LogEntry = LogSchemas["LogEntry"];
export type LogHeatmap = LogSchemas["LogHeatmap"];
export type LogComparison = LogSchemas["LogComparison"];
export type ComparedGroup = LogSchemas["ComparedGroup"];
export type LogSummary = LogSchemas["LogSummary"];

export type Operation = Receipt["operation"];
type Message = FacadeSchemas["ChangeMessage"];

/** A message of the feed. A deletion has no value. */
export type Change = Pick<Message, "type" | "key"> & {
  value?: Client | null;
  headers: Omit<Message["headers"], "operation"> & { operation: Operation };
};

/** RFC 9457; some problems carry what belongs to their code. Answers of strangers carry nothing. */
export type Problem = Partial<FacadeSchemas["Problem"]> & Partial<Omit<Reason, "code" | "detail">>;

export const CLIENT_FIELDS = ["name", "document", "phone", "email", "notes"] as const;
export type ClientField = (typeof CLIENT_FIELDS)[number];
/** The fields that people fill in; what is absent is null. */
export type ClientContent = Record<ClientField, string | null>;

/** A write that waits for the server, or that it refused and a person has to look at. */
export type WaitingWrite = Omit<FacadeSchemas["SyncWrite"], "set" | "was"> & {
  set: Partial<ClientContent>;
  was: Partial<ClientContent>;
};
export type SyncReport = Omit<FacadeSchemas["SyncStatus"], "writes"> & { writes: WaitingWrite[] };

/** A change that was held here and that the register, since it was restored, has no more. */
export type LostChange = Change & Pick<FacadeSchemas["LostChange"], "lost_at" | "before">;

export interface Write {
  write_id: string;
  operation: "update" | "delete";
  client_id: string;
  set: Partial<ClientContent>;
  was: Partial<ClientContent>;
  at: string;
  /** Writes sent before: with one of them refused, this one is refused too. */
  depends_on?: string[];
}
