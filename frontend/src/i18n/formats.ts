/** Numbers and times in a language, with the Intl objects built once. */
export type Language = "pt-BR" | "en";

export interface Formats {
  number: (value: number, options?: Intl.NumberFormatOptions) => string;
  percent: (ratio: number) => string;
  bytes: (bytes: number) => string;
  /** 14:32:05 */
  time: (date: Date) => string;
  /** 14:32 */
  timeShort: (date: Date) => string;
  /** 12 nov. 2026 */
  date: (date: Date) => string;
  /** 12 de nov. de 2026, 14:32 */
  full: (date: Date) => string;
  /** 12 de nov. */
  day: (date: Date) => string;
}

export function formatsFor(language: Language): Formats {
  const time = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" });
  const timeShort = new Intl.DateTimeFormat(language, { timeStyle: "short", hourCycle: "h23" });
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const full = new Intl.DateTimeFormat(language, {
    dateStyle: "medium",
    timeStyle: "short",
    hourCycle: "h23",
  });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
  const plain = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 2 });
  const number: Formats["number"] = (value, options) =>
    (options ? new Intl.NumberFormat(language, options) : plain).format(value);
  return {
    number,
    percent: (ratio) => percent.format(ratio),
    bytes: (bytes) => formatBytes(bytes, number),
    time: (value) => time.format(value),
    timeShort: (value) => timeShort.format(value),
    date: (value) => date.format(value),
    full: (value) => full.format(value),
    day: (value) => day.format(value),
  };
}

function formatBytes(bytes: number, number: Formats["number"]): string {
  const one = { maximumFractionDigits: 1 };
  if (bytes < 1_000) return `${number(bytes)} B`;
  return bytes < 1_000_000 ? `${number(bytes / 1_000, one)} kB` : `${number(bytes / 1e6, one)} MB`;
}
