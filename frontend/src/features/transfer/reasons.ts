import type { Fault, Row } from "@/core/transfer/shapes";
import type { Dictionary, Formats } from "@/i18n";
import { fieldMessage, reasonMessage } from "@/i18n/errors";

/** Why a row is what it is, one sentence for each reason. */
export function reasonsOf(row: Row, t: Dictionary, formats: Formats): string[] {
  if (row.faults.length > 0) return row.faults.map((fault) => faultText(fault, t, formats));
  const { verdict } = t.import;
  if (row.verdict === "repeated") return [verdict.repeated(formats.number(row.twin ?? 0))];
  return [verdict[row.verdict]];
}

function faultText({ field, code, detail }: Fault, t: Dictionary, formats: Formats): string {
  const own = t.import.codes[code];
  if (field === null) return own ?? reasonMessage(code, detail, t) ?? code;
  const label = field === "id" ? t.import.id : (t.fields[field] ?? field);
  return `${label}: ${own ?? fieldMessage(code, field, detail, t, formats)}`;
}
