import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const LANGUAGES = ["pt", "en"]; // the names of their chunks; boot.js begins to fetch one

/** Serves `src/app/boot.js` as a blocking script of its own: the content security policy allows no
 * inline script, and without it a remembered dark theme would flash white. */
function bootScript(): Plugin {
  const source = () => readFileSync(here("./src/app/boot.js"), "utf8");
  return {
    name: "clientela-boot",
    buildStart() {
      if (this.environment?.mode !== "build") return;
      this.emitFile({ type: "asset", name: "boot.js", source: source() });
    },
    transformIndexHtml: {
      order: "post",
      handler(html, context) {
        const files = Object.values(context.bundle ?? {});
        const emitted = files.find(
          (file) => file.type === "asset" && file.names.includes("boot.js"),
        );
        const src = emitted ? `/${emitted.fileName}` : "/src/app/boot.js";
        const languages = files
          .filter((file) => file.type === "chunk" && LANGUAGES.includes(file.name))
          .map((file) => ` data-${file.type === "chunk" && file.name}="/${file.fileName}"`);
        return html.replace("<!-- boot -->", `<script src="${src}"${languages.join("")}></script>`);
      },
    },
  };
}

/** Builds the service worker to `/sw.js` and tells it which files belong to this build. */
function serviceWorker(): Plugin {
  return {
    name: "clientela-service-worker",
    apply: "build",
    buildStart() {
      this.emitFile({ type: "chunk", id: here("./src/pwa/sw.ts"), fileName: "sw.js" });
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const assets = Object.keys(bundle).filter((name) => name.startsWith("assets/"));
        const files = ["/", ...assets.sort().map((name) => `/${name}`)];
        const page = bundle["index.html"];
        const content = files.join() + (page?.type === "asset" ? page.source : "");
        const name = createHash("sha256").update(content).digest("hex").slice(0, 16);
        const worker = bundle["sw.js"];
        if (worker?.type !== "chunk") throw new Error("There is no service worker.");
        worker.code = `const BUILD=${JSON.stringify({ name, files })};${worker.code}`;
      },
    },
  };
}

interface Modules {
  getModuleInfo: (id: string) => { importers: readonly string[] } | null;
}

/**
 * Whether a module runs before the first paint. All that do are one file: in many small ones, each
 * shared with some page that is fetched later, a browser with its six connections would queue.
 */
function isFirst(id: string, modules: Modules, seen = new Set<string>()): boolean {
  if (id === here("./src/main.tsx")) return true;
  seen.add(id);
  const importers = modules.getModuleInfo(id)?.importers ?? [];
  return importers.some((importer) => !seen.has(importer) && isFirst(importer, modules, seen));
}

/** Where `npm run dev` finds a facade: CLIENTELA_FACADE, for instance http://127.0.0.1:8001. */
const facade = process.env.CLIENTELA_FACADE ?? "http://127.0.0.1:8001";
const proxy = Object.fromEntries(
  ["/client", "/session", "/sync", "/logs", "/facades"].map((route) => [
    `^${route}([/?]|$)`,
    { target: facade, changeOrigin: true, headers: { origin: facade } },
  ]),
);

export default defineConfig({
  plugins: [bootScript(), serviceWorker(), react(), tailwindcss()],
  resolve: {
    alias: {
      "@": here("./src"),
      "react-style-singleton": here("./src/components/styleSingleton.ts"),
    },
  },
  server: { host: "127.0.0.1", proxy },
  preview: { host: "127.0.0.1", proxy },
  build: {
    outDir: "../src/clientela/client_facade/pages",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy allows no data: addresses
    target: "es2022",
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        advancedChunks: {
          groups: [{ name: (id, modules) => (isFirst(id, modules) ? "first" : null) }],
        },
      },
    },
  },
  test: {
    restoreMocks: true,
    pool: "threads",
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: { name: "core", environment: "node", include: ["src/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "pages",
          environment: "jsdom",
          setupFiles: ["./src/test/setup.ts"],
          include: ["src/**/*.test.tsx"],
        },
      },
    ],
  },
});
