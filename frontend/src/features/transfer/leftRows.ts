import { csvLine } from "@/core/transfer/csvLine";
import type { LeftRow } from "@/core/transfer/importer";
import type { FileFacts } from "@/core/transfer/state";
import type { Dictionary, Formats } from "@/i18n";
import { reasonsOf } from "./reasons";

const STEP_ROWS = 2_000; // some 10 ms; the page gets its turn in between

/** The file's rows that did not come in, each with its reason in a column of its own. */
export async function leftFile(
  left: readonly LeftRow[],
  { header, delimiter }: FileFacts,
  t: Dictionary,
  formats: Formats,
): Promise<Blob> {
  const parts = ["\ufeff", csvLine([...header, t.import.reasonColumn], delimiter)];
  for (let from = 0; from < left.length; from += STEP_ROWS) {
    const lines = left.slice(from, from + STEP_ROWS).map(({ cells, row }) => {
      const filled = header.map((_, column) => cells[column] ?? "");
      return csvLine([...filled, reasonsOf(row, t, formats).join(" ")], delimiter);
    });
    parts.push(lines.join(""));
    await new Promise((resolve) => setTimeout(resolve));
  }
  return new Blob(parts, { type: "text/csv;charset=utf-8" });
}
