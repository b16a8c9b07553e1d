// What a page has to load, in gzip bytes: the tracker as ViewBox serves it, the hook as a bundler makes it (React is the
// page's own).
import { gzipSync } from "node:zlib";
import { build, type InlineConfig } from "vite";
import { describe, expect, test } from "vitest";

async function sizes(config: InlineConfig): Promise<Map<string, number>> {
  const built = await build({ logLevel: "error", ...config, build: { ...config.build, write: false } });
  const found = new Map<string, number>();
  for (const { output } of [built].flat() as { output: { fileName: string; code?: string }[] }[]) {
    for (const { fileName, code } of output) if (code) found.set(fileName, gzipSync(code, { level: 9 }).length);
  }
  return found;
}

describe("the tracker", async () => {
  const files = await sizes({ mode: "views" });

  test("has what talks to the server, and its adapters, in a file of their own", () => {
    expect([...files.keys()].sort()).toEqual(["sender.js", "views.js"]);
  });

  test("loads at most 5 KB before a view begins, 8 KB in all: sender, offline queue and both adapters", () => {
    expect(files.get("views.js")).toBeLessThanOrEqual(5000);
    expect([...files.values()].reduce((sum, size) => sum + size)).toBeLessThanOrEqual(8000);
  });
});

test("the React hook adds at most 0.7 KB", async () => {
  const lib = { entry: "src/react/useViewBoxTracker.ts", formats: ["es"] as "es"[], fileName: () => "entry.js" };
  const rolldownOptions = { external: /^react($|\/)/, output: { minify: true } };
  const files = await sizes({ configFile: false, build: { lib, rolldownOptions } });
  expect(files.get("entry.js")).toBeLessThanOrEqual(700);
});
