/** Phone numbers: what is plainly wrong is said at once; the server knows every country's plan. */

const BRAZIL = "55";
const DIGITS_MIN = 8; // a national number without area code, as 4004 0001
const E164_DIGITS_MAX = 15;
const E164_DIGITS_MIN = 7;

export function phoneError(text: string): "phone-format" | null {
  if (/[^\d\s()+.\-\u2010-\u2015/]/.test(text) || /.\+/.test(text.trim())) return "phone-format";
  const digits = text.replace(/\D/g, "");
  const international = text.trim().startsWith("+");
  const [least, most] = international
    ? [E164_DIGITS_MIN, E164_DIGITS_MAX]
    : [DIGITS_MIN, E164_DIGITS_MAX];
  return digits.length < least || digits.length > most ? "phone-format" : null;
}

/** E.164 where that is certain without the world's numbering plans, else null. */
export function toE164(text: string): string | null {
  if (phoneError(text)) return null;
  const digits = text.replace(/\D/g, "");
  if (text.trim().startsWith("+")) return `+${digits}`;
  const national = digits.replace(/^0+/, "");
  if (national.length === 10 || national.length === 11) return `+${BRAZIL}${national}`;
  return /^55\d{10,11}$/.test(digits) ? `+${digits}` : null;
}
