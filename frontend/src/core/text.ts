/** Lower case without accents, character for character, so that places stay the same. */
export function fold(text: string): string {
  return [...text]
    .map((char) => {
      const plain = char.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
      return plain.length === char.length ? plain : char;
    })
    .join("");
}

export interface Piece {
  text: string;
  hit: boolean;
}

/** Cuts a text where a searched word begins one of its words. */
export function highlight(text: string, q: string): Piece[] {
  const words = fold(q).split(/\s+/).filter(Boolean);
  const folded = fold(text);
  const pieces: Piece[] = [];
  let from = 0;
  for (const { index, 0: word } of folded.matchAll(/[\p{L}\p{N}]+/gu)) {
    const hit = words.filter((searched) => word.startsWith(searched)).sort(longestFirst)[0];
    if (!hit) continue;
    if (index > from) pieces.push({ text: text.slice(from, index), hit: false });
    from = index + hit.length;
    pieces.push({ text: text.slice(index, from), hit: true });
  }
  if (from < text.length) pieces.push({ text: text.slice(from), hit: false });
  return pieces;
}

const longestFirst = (a: string, b: string) => b.length - a.length;

/** One or two letters for a client's badge. */
export function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return letters
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toUpperCase();
}

const SHORT_CHARACTERS = 80;

/** The beginning of a long text, with an ellipsis. */
export function inShort(text: string): string {
  const characters = [...text.slice(0, 2 * SHORT_CHARACTERS)];
  if (characters.length <= SHORT_CHARACTERS) return text;
  return `${characters.slice(0, SHORT_CHARACTERS).join("").trim()}…`;
}
