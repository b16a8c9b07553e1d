import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { hlsFromSource } from "../../scripts/hls-build.ts";

/** `vite build test/host --outDir …` : the page as the browser suite opens it. */
export default defineConfig({
  plugins: [react(), hlsFromSource()],
  build: { cssTarget: ["chrome123"], chunkSizeWarningLimit: 600 },
});
