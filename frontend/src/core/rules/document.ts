/** CPF and CNPJ, the alphanumeric CNPJ included: the same rules as the server's. */

export type DocumentError = "document-format" | "document-check-digits";

const CPF_DIGITS = 11;
const CNPJ_CHARACTERS = 14;

/** Without punctuation and in capitals, as the register stores it. */
export function compactDocument(text: string): string {
  return text.replace(/[\s.\-\u2010-\u2015/]/g, "").toUpperCase();
}

/** What is wrong with a document, or null. */
export function documentError(text: string): DocumentError | null {
  const document = compactDocument(text);
  if (/^\d{11}$/.test(document)) return judge(document, cpfDigits);
  if (/^[0-9A-Z]{12}\d{2}$/.test(document) && !document.startsWith("000000000000")) {
    return judge(document, cnpjDigits);
  }
  return "document-format";
}

export function documentKind(text: string): "CPF" | "CNPJ" | null {
  const { length } = compactDocument(text);
  return length === CPF_DIGITS ? "CPF" : length === CNPJ_CHARACTERS ? "CNPJ" : null;
}

function judge(document: string, digits: (body: string) => string): DocumentError | null {
  return document.endsWith(digits(document.slice(0, -2))) ? null : "document-check-digits";
}

function cpfDigits(body: string): string {
  if (/^(.)\1*$/.test(body)) return "none"; // one repeated digit is never issued
  const first = checkDigit(body, [10, 9, 8, 7, 6, 5, 4, 3, 2]);
  return first + checkDigit(body + first, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
}

function cnpjDigits(body: string): string {
  const first = checkDigit(body, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  return first + checkDigit(body + first, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
}

/** Modulo 11 over ASCII codes less 48: digits count as themselves, A as 17. */
function checkDigit(body: string, weights: number[]): string {
  const sum = weights.reduce((total, weight, i) => total + weight * (body.charCodeAt(i) - 48), 0);
  return String(((11 - (sum % 11)) % 11) % 10);
}
