/** The shapes that the facades speak. */

export interface Client {
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
  document: string | null;
  notes: string | null;
  created_at: string | null;
  updated_at: string | null;
  version: string | null;
  /** Writes made here that the server has not decided yet. */
  pending?: string[];
}

export const CLIENT_FIELDS = ["name", "document", "phone", "email", "notes"] as const;
export type ClientField = (typeof CLIENT_FIELDS)[number];
/** The fields that people fill in; what is absent is null. */
export type ClientContent = Record<ClientField, string | null>;

export interface Change {
  type: "client";
  key: string;
  value?: Client;
  headers: {
    operation: "insert" | "update" | "delete";
    version: string;
    digest?: string;
    timestamp: string;
    write_id?: string | null;
    facade?: string | null;
    actor?: string | null;
  };
}

export interface History {
  client_id: string;
  complete: boolean;
  since: string | null;
  changes: Change[];
}

export interface FieldError {
  field: string;
  code?: string;
  detail: string;
}

export interface Conflict {
  field: string;
  yours: string | null;
  theirs: string | null;
}

/** RFC 9457. */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  instance?: string;
  code?: string;
  errors?: FieldError[];
  conflicts?: Conflict[];
  holder?: string;
}

export interface Reason {
  code: string;
  detail: string;
  errors?: FieldError[];
  conflicts?: Conflict[];
  holder?: string;
}

export interface Write {
  write_id: string;
  operation: "update" | "delete";
  client_id: string;
  set?: Partial<ClientContent>;
  was: Partial<ClientContent>;
  at: string;
}

export interface Receipt {
  write_id: string;
  client_id: string;
  operation: "insert" | "update" | "delete";
  outcome: "accepted" | "refused" | "pending";
  version: string | null;
  reason: Reason | null;
  at: string;
  facade: string | null;
  actor: string | null;
}

export interface SyncReport {
  name: string;
  state: "live" | "syncing" | "offline";
  server: string | null;
  version: string | null;
  server_version: string | null;
  lag_ms: number | null;
  clients: number;
  digest: {
    state: "agreed" | "checking" | "differs" | "unknown";
    version: string | null;
    agreed: boolean;
    at: string | null;
  };
  outbox: { pending: number; refused: number; oldest_age_ms: number | null };
}

export interface LogEntry {
  id: string | number;
  time: string;
  facade: string;
  method: string;
  route: string;
  status: number;
  latency_us: number;
  parts: Record<string, number>;
  bytes: number;
  trace_id: string | null;
  lag_ms: number | null;
  outbox: number | null;
  error: string | null;
}

export interface Percentiles {
  p50: number;
  p75: number;
  p90: number;
  p95: number;
  p99: number;
  p99_9: number;
  max: number;
  mean: number;
}

export interface Measured {
  count: number;
  errors: number;
  error_rate: number;
  latency_us: Percentiles | null;
}

export interface LogGroup extends Measured {
  key: string;
}

export interface LogSummary extends Measured {
  from: string;
  to: string;
  dropped: number;
  groups?: LogGroup[];
}
