import { tabClaim } from "./claim";
import { Importer, type LeftRow } from "./importer";
import type { Mapping, Verdict } from "./shapes";
import type { ImportState } from "./state";

/** Everything about a file happens here, beside the page: it never stands still. */

export type Command =
  | { do: "open"; file: File }
  | { do: "map"; mapping: Mapping }
  | { do: "show"; verdict: Verdict | null }
  | { do: "compare" | "start" | "pause" | "discard" | "left" };

export type Word = { state: ImportState } | { left: LeftRow[] };

const say = (word: Word) => postMessage(word);
const importer = new Importer((state) => say({ state }), tabClaim("clientela.import"));

addEventListener("message", ({ data: command }: MessageEvent<Command>) => {
  if (command.do === "open") void importer.open(command.file);
  else if (command.do === "map") void importer.map(command.mapping);
  else if (command.do === "show") importer.show(command.verdict);
  else if (command.do === "left") say({ left: importer.left() });
  else void importer[command.do]();
});

void importer.restore();
