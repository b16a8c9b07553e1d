import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { hlsFromSource } from "../../player/scripts/hls-build.ts";

// One page a build (PAGE=name), so that no page carries what another one needs. Ours comes from its sources, with its
// own build of hls.js; everybody else gets what npm has.
const page = process.env.PAGE;
const PLAYER = new URL("../../player/src/", import.meta.url).pathname;
const OURS = ["ours"];

export default defineConfig({
  root: new URL("pages", import.meta.url).pathname,
  plugins: [react(), OURS.includes(page) ? hlsFromSource() : null],
  resolve: {
    dedupe: ["react", "react-dom"],
    alias: [
      { find: "@viewbox/player/tokens.css", replacement: `${PLAYER}react/tokens.css` },
      { find: "@viewbox/player/tracker", replacement: `${PLAYER}dom/index.ts` },
      { find: "@viewbox/player", replacement: `${PLAYER}react/index.ts` },
    ],
  },
  build: {
    rolldownOptions: { input: new URL(`pages/${page}.html`, import.meta.url).pathname },
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    emptyOutDir: true,
    chunkSizeWarningLimit: 2000,
  },
});
