import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// One page a build (PAGE=name), so that no page carries what another one needs. Everybody gets what npm has; of ours, what
// npm would have (`npm run build:package` in player/ makes it).
const page = process.env.PAGE;
const PACKAGE = new URL("../../player/package/", import.meta.url).pathname;

export default defineConfig({
  root: new URL("pages", import.meta.url).pathname,
  plugins: [react()],
  resolve: {
    dedupe: ["react", "react-dom"],
    alias: [
      { find: "@viewbox/player/tokens.css", replacement: `${PACKAGE}tokens.css` },
      { find: "@viewbox/player/tracker", replacement: `${PACKAGE}tracker.js` },
      { find: "@viewbox/player/player.css", replacement: `${PACKAGE}player.css` },
      { find: "@viewbox/player", replacement: `${PACKAGE}player.js` },
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
