// What each page loads before a person can do anything, and each part that others may take, gzipped, against its bound.
// Fails above a bound. Builds in memory with the production settings: nothing in dist/ is touched.
import { gzipSync } from "node:zlib";
import { build } from "vite";

const KB = 1000; // as download sizes are told
const ROOT = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const OURS = /^\.\.?\//;

/** Bounds in KB: what is above fails. */
const BOUNDS = {
  "page /embed, first JavaScript with React": 90,
  "page /, first JavaScript with React": 110,
  "page /watch, first JavaScript with React": 110,
  "engine, lazy (hls.js and what runs it)": 135,
  "player UI without engine, menus lazy": 15,
  "tracker, core": 5,
  "tracker with adapters and offline queue": 8,
  "tracker's React hook": 0.7,
};
const site = await chunksOf({});
const entry = site.find((chunk) => chunk.isEntry);
const ui = await partOf("src/react/index.ts", ["/src/dom/", "/src/core/"]);
const tracker = await chunksOf({ mode: "views" }); // as it is served
const hook = await partOf("src/react/useViewBoxTracker.ts", ["/src/dom/"]);

const sizes = {
  "page /embed, first JavaScript with React": gzipped(pageOf("app/embed/Embed.tsx")),
  "page /, first JavaScript with React": gzipped(pageOf("app/Library.tsx")),
  "page /watch, first JavaScript with React": gzipped(pageOf("app/Watch.tsx")),
  "engine, lazy (hls.js and what runs it)": gzipped(lazyPart("src/dom/hls_engine.ts", pageOf("app/embed/Embed.tsx"))),
  "player UI without engine, menus lazy": gzippedAsOne(ui.first),
  "tracker, core": gzipped(
    closure(
      tracker.find((chunk) => chunk.isEntry),
      tracker,
    ),
  ),
  "tracker with adapters and offline queue": gzipped(tracker),
  "tracker's React hook": gzipped(hook.all),
};

let failed = false;
for (const [name, bound] of Object.entries(BOUNDS)) {
  const size = sizes[name] / KB;
  const verdict = size > bound ? "TOO LARGE" : "ok";
  failed ||= size > bound;
  console.log(`${name.padEnd(44)} ${size.toFixed(1).padStart(6)} KB of ${String(bound).padStart(3)}  ${verdict}`);
}
for (const chunk of pageOf("app/embed/Embed.tsx").union(pageOf("app/Library.tsx")).union(pageOf("app/Watch.tsx"))) {
  const chart = chunk.moduleIds.find((id) => id.includes("plotly"));
  if (chart) {
    failed = true;
    console.error(`${chunk.fileName} is loaded with a page and holds ${chart}`);
  }
}
if (failed) process.exit(1);

async function chunksOf(settings) {
  const outcome = await build({
    root: ROOT,
    logLevel: "error",
    ...settings,
    build: { ...settings.build, write: false },
  });
  const { output } = Array.isArray(outcome) ? outcome[0] : outcome;
  return output.filter(({ type }) => type === "chunk");
}

/** A part of the sources alone, without packages and without `elsewhere`: what is loaded first, and everything. */
async function partOf(entryPath, elsewhere) {
  const external = (id, importer) =>
    (!OURS.test(id) && !id.startsWith("/") && !id.startsWith("src/") && !id.startsWith("\0")) ||
    (OURS.test(id) && elsewhere.some((folder) => new URL(id, `file://${importer}`).pathname.includes(folder)));
  const chunks = await chunksOf({
    configFile: false,
    build: {
      minify: true,
      lib: { entry: entryPath, formats: ["es"], cssFileName: "part" },
      rolldownOptions: { external, output: { minify: true } },
    },
  });
  const first = chunks.find((chunk) => chunk.isEntry);
  return { first: closure(first, chunks), all: new Set(chunks) };
}

/** Chunks of the entry and of a page's own module, with all that they import statically. */
function pageOf(path) {
  return closure(entry, site).union(closure(holderOf(path), site));
}

function lazyPart(path, loaded) {
  return closure(holderOf(path), site).difference(loaded);
}

function holderOf(path) {
  const holder = site.find((chunk) => chunk.moduleIds.includes(`${ROOT}/${path}`));
  if (!holder) throw new Error(`no chunk holds ${path}: it has moved, or nothing imports it`);
  return holder;
}

function closure(chunk, chunks) {
  const found = new Set([chunk]);
  for (const each of found) {
    for (const name of each.imports) {
      const imported = chunks.find(({ fileName }) => fileName === name);
      if (imported) found.add(imported);
    }
  }
  return found;
}

/** Parts that a page's bundler puts into one file, as the site's does. */
function gzippedAsOne(chunks) {
  return gzipSync([...chunks].map(({ code }) => code).join("\n"), { level: 9 }).length;
}

function gzipped(chunks) {
  return [...chunks].reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
}
