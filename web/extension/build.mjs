// Builds the extension into .cache/extension at the top: a folder for each browser, to be loaded unpacked, and the same as a zip. The same
// sources give the same bytes.
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { manifest } from "./manifest.mjs";
import { zip } from "./zip.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = join(root, "../.cache/extension");
const runtime = join(root, "node_modules/onnxruntime-web/dist");

/** Of the extension; browsers want numbers with points. */
const VERSION = "0.1.0";

const common = {
  absWorkingDir: root, bundle: true, minify: true, legalComments: "none", logLevel: "warning", target: ["chrome116", "firefox128"],
};

async function scripts(folder) {
  await build({
    ...common, format: "iife", outdir: folder,
    entryPoints: {
      page: "extension/page/main.ts", bridge: "extension/bridge.ts", background: "extension/background.ts",
      driver: "extension/driver/main.ts", popup: "extension/popup/main.ts",
    },
  });
  await build({
    ...common, format: "esm", splitting: true, outdir: folder, chunkNames: "[name]-[hash]", entryPoints: { tracker: "client/tracker/worker.ts" },
  });
}

async function files(folder) {
  const copy = (from, to) => cp(from, join(folder, to));
  await Promise.all([
    copy(join(root, "extension/driver/driver.html"), "driver.html"), copy(join(root, "extension/popup/popup.html"), "popup.html"),
    copy(join(root, "extension/style.css"), "style.css"), copy(join(root, "extension/icon-48.png"), "icon-48.png"),
    copy(join(root, "extension/icon-128.png"), "icon-128.png"),
    copy(join(runtime, "ort-wasm-simd-threaded.wasm"), "ort.wasm"), copy(join(runtime, "ort-wasm-simd-threaded.jspi.wasm"), "ort-webgpu.wasm"),
  ]);
}

for (const browser of ["chromium", "firefox"]) {
  const folder = join(out, browser);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await scripts(folder);
  await files(folder);
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest(browser, VERSION), null, 2) + "\n");
  const names = (await readdir(folder)).sort();
  const packed = zip(await Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) }))));
  await writeFile(join(out, `gioconda-${browser}.zip`), packed);
  console.log(`${String(packed.length).padStart(9)}  .cache/extension/gioconda-${browser}.zip`);
}
