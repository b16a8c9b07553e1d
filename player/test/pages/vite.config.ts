import { defineConfig } from "vite";
import { hlsFromSource } from "../../scripts/hls-build.ts";

// Pages that only the browser suite opens. The suite says where they are built to.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [hlsFromSource()],
  build: { rolldownOptions: { input: "engine.html" }, assetsInlineLimit: 0, emptyOutDir: true },
});
