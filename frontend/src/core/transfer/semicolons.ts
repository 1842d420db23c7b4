import type { Target } from "./export";

const [QUOTE, COMMA, SEMICOLON] = [34, 44, 59];
const ENDS = new Set([COMMA, 10, 13]);

/** Takes CSV with commas and writes it with semicolons, which spreadsheets want where a comma is the decimal mark. */
export function withSemicolons(target: Target): Target {
  const rewrite = rewriter();
  return {
    write: (bytes) => target.write(rewrite(bytes)),
    close: () => target.close(),
    abort: () => target.abort(),
  };
}

/** Pieces may end anywhere; the last field of a file ends with its row. */
function rewriter(): (bytes: Uint8Array) => Uint8Array<ArrayBuffer> {
  let field: number[] = [];
  let quoted = false;
  return (bytes) => {
    const written: number[] = [];
    for (const byte of bytes) {
      if (byte === QUOTE) quoted = !quoted; // one that is doubled turns it twice
      if (quoted || !ENDS.has(byte)) {
        field.push(byte);
        continue;
      }
      const bare = field[0] !== QUOTE && field.includes(SEMICOLON);
      written.push(...(bare ? [QUOTE, ...field, QUOTE] : field));
      written.push(byte === COMMA ? SEMICOLON : byte);
      field = [];
    }
    return Uint8Array.from(written);
  };
}
