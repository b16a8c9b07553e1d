import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { hlsFromSource } from "./scripts/hls-build.ts";
import { pageHints } from "./scripts/page-hints.ts";
import { siteChunk } from "./scripts/site-chunks.ts";

// light-dark() is left as it is: a rewritten form cannot follow a theme switched on an inner element.
const CSS_TARGET = ["chrome123", "safari17.5", "firefox120"];

const ENGINE = /\/hls\.js\/src\/|\/dom\/(hls_\w+|master_switch|early_master|retry_after)\.ts/;

/** index.html and hashed assets. */
const site: ViteUserConfig = {
  plugins: [react(), hlsFromSource(), swaggerFiles(), pageHints()],
  build: {
    cssTarget: CSS_TARGET,
    chunkSizeWarningLimit: 600, // hls.js is one lazy chunk
    assetsInlineLimit: 0, // CSP allows no data: scripts
    modulePreload: { polyfill: false }, // every browser that light-dark() needs has it
    // The sender could do with the adapter alone, but on the site it never asks for it: the engine has one file to wait for.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "hls_engine", test: ENGINE },
            { name: siteChunk, includeDependenciesRecursively: false },
          ],
        },
      },
    },
  },
  server: {
    proxy: { "/v1": { target: "http://127.0.0.1:8000", ws: true }, "/media": "http://127.0.0.1:8000" },
  },
  test: { include: ["test/**/*.test.{ts,tsx}"], testTimeout: 60_000 },
};

/** The dashboard's panel: other programs load it by its fixed name, so it holds all it needs, hls.js and React included. */
const panel: ViteUserConfig = {
  plugins: [react(), hlsFromSource()],
  define: { "process.env.NODE_ENV": '"production"' },
  publicDir: false,
  build: {
    cssTarget: CSS_TARGET,
    outDir: "dist/assets",
    emptyOutDir: false, // the site's build is already there
    cssCodeSplit: false,
    lib: { entry: "app/panel/index.ts", formats: ["es"], fileName: () => "panel.js", cssFileName: "panel" },
    rolldownOptions: { output: { codeSplitting: false } }, // one file: an import() would need to know our origin
  },
};

/** 2 % smaller than Vite's own alone, which still has its turn. No getter of ours does more than tell, no function constructs. */
const SMALLEST = {
  minify: "terser",
  terserOptions: { module: true, ecma: 2020, compress: { passes: 3, pure_getters: true, unsafe_arrows: true } },
} as const;

/** The tracker for pages of others, with what talks to the server in a file of its own. */
const views: ViteUserConfig = {
  publicDir: false,
  build: {
    ...SMALLEST,
    outDir: "dist/views",
    lib: { entry: "src/dom/index.ts", formats: ["es"], fileName: () => "views.js" },
    rolldownOptions: { output: { minify: true, comments: false, chunkFileNames: "[name].js" } },
  },
};

/** What npm gets: React stays outside, hls.js as we build it is inside, in a file that is loaded when it is wanted. */
const published: ViteUserConfig = {
  plugins: [react(), hlsFromSource()],
  publicDir: false,
  build: {
    cssTarget: CSS_TARGET,
    outDir: "package",
    cssCodeSplit: false,
    lib: { entry: { player: "src/react/index.ts" }, formats: ["es"], cssFileName: "player" },
    rolldownOptions: {
      external: /^react(-dom)?($|\/)/,
      output: { minify: true, chunkFileNames: "parts/[name].js" },
    },
  },
};

/** The tracker's entries beside it. A build of their own: what both had in common would be files that the engine waits for. */
const publishedTracker: ViteUserConfig = {
  publicDir: false,
  build: {
    ...SMALLEST,
    outDir: "package",
    emptyOutDir: false, // the player is already there
    lib: {
      entry: { tracker: "src/dom/index.ts", "use-tracker": "src/react/useViewBoxTracker.ts" },
      formats: ["es"],
    },
    rolldownOptions: {
      external: /^react(-dom)?($|\/)/,
      output: { minify: true, comments: false, chunkFileNames: "parts/[name].js" },
    },
  },
};

// Three builds share dist/; the package has a folder of its own.
export default defineConfig(
  ({ mode }) => ({ panel, views, package: published, "package-tracker": publishedTracker })[mode] ?? site,
);

/** Puts Swagger UI into dist/docs, so that the API's /docs asks no other host for anything. */
function swaggerFiles(): Plugin {
  const folder = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  return {
    name: "viewbox-swagger-files",
    apply: "build",
    generateBundle() {
      for (const name of ["swagger-ui.css", "swagger-ui-bundle.js"]) {
        this.emitFile({ type: "asset", fileName: `docs/${name}`, source: readFileSync(join(folder, name)) });
      }
    },
  };
}
