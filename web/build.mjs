// Builds the client into dist/: hashed files under assets/ that may be cached for ever, and index.html that names them.
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const assets = join(dist, "assets");
const runtime = join(root, "node_modules/onnxruntime-web/dist");

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: ["chrome111", "firefox115", "safari16.4"],
  minify: true,
  legalComments: "none",
  outdir: assets,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  metafile: true,
  logLevel: "warning",
};

// Bundles one entry and returns its address.
async function bundle(entry, options = {}) {
  const { metafile } = await build({ ...common, entryPoints: [entry], ...options });
  for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint === entry) return "assets/" + basename(file);
  }
  throw new Error(`${entry} gave no output`);
}

// Copies a file under a hashed name and returns its address.
async function hashed(file) {
  const bytes = await readFile(file);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  const extension = extname(file);
  const name = `${basename(file, extension)}-${hash}${extension}`;
  await cp(file, join(assets, name));
  return "assets/" + name;
}

// Writes a page that names its style and its script.
async function page(name, style, script) {
  const text = await readFile(join(root, name), "utf8");
  await writeFile(join(dist, name), text.replace("{{style}}", style).replace("{{script}}", script));
}

async function main() {
  await mkdir(dist, { recursive: true });
  // Dot files stay: one of them lets the server compile before the client was ever built.
  for (const name of await readdir(dist)) {
    if (!name.startsWith(".")) await rm(join(dist, name), { recursive: true });
  }
  await mkdir(assets);
  const [tracker, wasm, webgpuWasm, style, viewScript, viewStyle] = await Promise.all([
    bundle("client/tracker/worker.ts", { splitting: true }),
    hashed(join(runtime, "ort-wasm-simd-threaded.wasm")),
    hashed(join(runtime, "ort-wasm-simd-threaded.jspi.wasm")),
    bundle("client/style/main.css"),
    bundle("client/view.ts"),
    bundle("client/style/view.css"),
  ]);
  const script = await bundle("client/main.ts", {
    define: { ASSETS: JSON.stringify({ tracker, wasm, webgpuWasm }) },
  });
  await page("index.html", style, script);
  await page("view.html", viewStyle, viewScript);
  // The server sends a packed twin to whoever takes it: the runtime alone shrinks from 14 MB to 4, or 3 by Brotli.
  for (const name of await readdir(assets)) {
    const plain = await readFile(join(assets, name));
    await writeFile(join(assets, `${name}.gz`), gzipSync(plain, { level: 9 }));
    await writeFile(join(assets, `${name}.br`), brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 22 } }));
  }
  for (const file of [script, style, viewScript, viewStyle, tracker, wasm, webgpuWasm]) {
    console.log(`${String((await stat(join(dist, file))).size).padStart(9)}  ${file}`);
  }
}

await main();
