// One script and one style sheet, which embed.mjs puts into the page.
import { defineConfig } from "vite";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    target: "es2020",
    outDir: "dist",
    cssCodeSplit: false,
    reportCompressedSize: false,
    lib: { entry: "src/main.tsx", formats: ["iife"], name: "squallReport", fileName: () => "page.js", cssFileName: "page" },
  },
});
