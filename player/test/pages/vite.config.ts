import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { hlsFromSource } from "../../scripts/hls-build.ts";

// Pages that only the browser suite opens. The suite says where they are built to, and REACT=18 with which React.
const older = fileURLToPath(new URL("../../node_modules/viewbox-react-18/node_modules/", import.meta.url));
const alias = process.env.REACT === "18" ? ["react", "react-dom"].map((name) => aliasOf(name)) : [];

function aliasOf(name: string): { find: RegExp; replacement: string } {
  return { find: new RegExp(`^${name}($|/)`), replacement: `${older}${name}$1` };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), hlsFromSource()],
  resolve: { alias },
  build: {
    rolldownOptions: { input: ["engine.html", "host.html"] },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600, // hls.js is one lazy chunk
    cssTarget: ["chrome123"], // light-dark() stays as it is
    emptyOutDir: true,
  },
});
