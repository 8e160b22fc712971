// SPDX-License-Identifier: Apache-2.0
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  // The KQL worker expects Node's name for the global object; without it Monaco silently falls back to the main thread.
  define: { global: "globalThis" },
  worker: { format: "es" },
  build: {
    target: "es2022",
    // Nothing is inlined as data: URLs, so that the content security policy needs none for fonts and scripts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4000,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
  },
  server: {
    host: "127.0.0.1",
    port: 5173,
    proxy: { "/api": process.env.GARRISON_URL ?? "http://127.0.0.1:5174" },
  },
});
