// Puts together the services' API documentation page: it asks nobody else for what it needs.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const source = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const own = fileURLToPath(new URL("../docs-page/", import.meta.url));
const target = fileURLToPath(new URL("../../src/clientela/web/docs_page/", import.meta.url));

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const name of ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"]) {
  copyFileSync(`${source}/${name}`, `${target}${name}`);
}
for (const name of ["index.html", "start.js"]) {
  copyFileSync(`${own}${name}`, `${target}${name}`);
}
for (const name of ["LICENSE", "NOTICE"]) {
  copyFileSync(`${source}/${name}`, `${target}swagger-ui.${name}.txt`);
}
