// Puts a .gz beside every text file that is served, so that no request waits for a compressor.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";

const folders = ["../../src/clientela/client_facade/pages/", "../../src/clientela/web/docs_page/"];
const SMALLEST_BYTES = 512; // below this the header costs what the packing saves

for (const folder of folders.map((path) => fileURLToPath(new URL(path, import.meta.url)))) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!/\.(js|css|svg|html)$/.test(name)) continue;
    const bytes = readFileSync(folder + name);
    if (bytes.length < SMALLEST_BYTES) continue;
    writeFileSync(`${folder}${name}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
  }
}
