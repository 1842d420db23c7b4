import { highlight } from "@/core/text";

/** A text with what was searched for marked in it. */
export function Marked({ text, q }: { text: string; q: string }) {
  if (!q) return text;
  return highlight(text, q).map((piece, i) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: a piece is known by its place only
    return piece.hit ? <mark key={i}>{piece.text}</mark> : piece.text;
  });
}
