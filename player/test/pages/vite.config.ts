import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { hlsFromSource } from "../../scripts/hls-build.ts";

// Pages that only the browser suite opens. The suite says where they are built to.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), hlsFromSource()],
  build: {
    rolldownOptions: { input: ["engine.html", "host.html"] },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600, // hls.js is one lazy chunk
    cssTarget: ["chrome123"], // light-dark() stays as it is
    emptyOutDir: true,
  },
});
