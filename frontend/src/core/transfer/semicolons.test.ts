import { expect, it } from "vitest";
import { withSemicolons } from "./semicolons";

async function rewritten(text: string, pieceBytes: number): Promise<string> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const nothing = async () => {};
  const target = withSemicolons({
    write: async (bytes) => void parts.push(bytes),
    close: nothing,
    abort: nothing,
  });
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    await target.write(bytes.slice(at, at + pieceBytes));
  }
  return new Blob(parts).text();
}

it.each([1, 2, 3, 7, 1_000])(
  "fields are parted by semicolons, in pieces of %i bytes",
  async (size) => {
    const text = 'name,notes\r\nJoão,"a, ""b""\r\nc"\r\nsem; vírgula,\r\n"x; y",é\r\n';

    expect(await rewritten(text, size)).toBe(
      'name;notes\r\nJoão;"a, ""b""\r\nc"\r\n"sem; vírgula";\r\n"x; y";é\r\n',
    );
  },
);
