/** Calling codes of one and two digits; all others have three (ITU-T E.164). */
const SHORT_CODES = /^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/** E.164 for people: (11) 98765-4321 in Brazil, +351 912 345 678 elsewhere. */
export function formatPhone(phone: string): string {
  const brazil = /^\+55([1-9][1-9])(\d{4,5})(\d{4})$/.exec(phone);
  if (brazil) return `(${brazil[1]}) ${brazil[2]}-${brazil[3]}`;
  const tollFree = /^\+55([3589]00)(\d{3})(\d{4})$/.exec(phone);
  if (tollFree) return `0${tollFree[1]} ${tollFree[2]} ${tollFree[3]}`;
  if (!/^\+\d{7,15}$/.test(phone)) return phone;
  const digits = phone.slice(1);
  const code = SHORT_CODES.exec(digits)?.[0] ?? digits.slice(0, 3);
  return `+${code} ${grouped(digits.slice(code.length))}`;
}

/** Threes from the left, the last group taking up to four. */
function grouped(digits: string): string {
  if (digits.length === 8) return `${digits.slice(0, 4)} ${digits.slice(4)}`;
  const groups: string[] = [];
  let rest = digits;
  while (rest.length > 4) {
    groups.push(rest.slice(0, 3));
    rest = rest.slice(3);
  }
  return [...groups, rest].join(" ");
}
