/** 12345678909 → 123.456.789-09; 12ABC34501DE35 → 12.ABC.345/01DE-35; anything else as it is. */
export function formatDocument(document: string): string {
  const bare = document.replace(/[\s.\-/]/g, "").toUpperCase();
  if (/^\d{11}$/.test(bare)) {
    return bare.replace(/^(...)(...)(...)(..)$/, "$1.$2.$3-$4");
  }
  if (/^[0-9A-Z]{12}\d{2}$/.test(bare)) {
    return bare.replace(/^(..)(...)(...)(....)(..)$/, "$1.$2.$3/$4-$5");
  }
  return document;
}
