// What a page has to load, as a bundler of any host page would make it (React is the page's own), in gzip bytes.
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { describe, expect, test } from "vitest";

async function sizes(entry: string): Promise<Map<string, number>> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      lib: { entry, formats: ["es"], fileName: () => "entry.js" },
      rolldownOptions: { external: /^react($|\/)/, output: { minify: true, chunkFileNames: "[name].js" } },
    },
  });
  const found = new Map<string, number>();
  for (const { output } of [built].flat() as { output: { fileName: string; code?: string }[] }[]) {
    for (const { fileName, code } of output) if (code) found.set(fileName, gzipSync(code, { level: 9 }).length);
  }
  return found;
}

describe("the tracker", async () => {
  const files = await sizes("src/dom/index.ts");
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (files.get(name) ?? Number.NaN), 0);

  test("has what talks to the server, and its adapters, in files of their own", () => {
    expect([...files.keys()].sort()).toEqual(["entry.js", "hls_adapter.js", "native_adapter.js", "sender.js"]);
  });

  test("loads at most 5 KB before a view begins, 9.2 KB with sender, offline queue and hls adapter", () => {
    expect(of("entry.js")).toBeLessThanOrEqual(5000);
    expect(of("entry.js", "hls_adapter.js", "sender.js")).toBeLessThanOrEqual(9200);
  });
});

test("the React hook adds at most 0.7 KB", async () => {
  expect((await sizes("src/react/useViewBoxTracker.ts")).get("entry.js")).toBeLessThanOrEqual(700);
});
