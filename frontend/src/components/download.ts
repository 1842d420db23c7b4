/** Hands a file to the person. */
export function download(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser must have begun to read
}

/** clientes-2026-11-24.csv, by the person's own day. */
export function datedName(name: string, now = new Date()): string {
  const [year, month, day] = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  return `${name}-${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}.csv`;
}
