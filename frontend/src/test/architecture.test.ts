import { describe, expect, it } from "vitest";
import lock from "../../package-lock.json?raw";

const sources = Object.entries(
  import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }),
).filter(([path]) => !path.includes(".test.") && !path.includes("/test/"));

const imports = (text: string) =>
  [...text.matchAll(/from "([^"]+)"/g)].map(([, from]) => from ?? "");

describe("the plan of the house", () => {
  it("has a core that knows no React", () => {
    const broken = sources
      .filter(([path]) => path.includes("/core/"))
      .filter(([, text]) =>
        text
          .replaceAll(/import type [^;]+;/g, "")
          .match(/from "(react|wouter|@tanstack|radix-ui|@\/(app|components|features|i18n))/),
      );

    expect(broken.map(([path]) => path)).toEqual([]);
  });

  it("has features that know nothing of each other, nor of the app", () => {
    const broken = sources.flatMap(([path, text]) => {
      const feature = /\/features\/(\w+)\//.exec(path)?.[1];
      if (!feature) return [];
      return imports(text)
        .filter((from) => /^@\/(features|app)\//.test(from) || from.startsWith("../"))
        .map((from) => `${path} → ${from}`);
    });

    expect(broken).toEqual([]);
  });

  it("locks every package without naming a host", () => {
    expect(lock).not.toContain('"resolved"');
    expect(lock).not.toContain("://registry");
  });
});
