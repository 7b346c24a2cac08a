// Runs the tests below a folder: bundles each *.test.ts, then hands all to node's test runner, one file at a time, but for the calm.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const [folder = "client", only = ""] = process.argv.slice(2);
const files = readdirSync(join(root, folder), { recursive: true })
  .filter((name) => name.endsWith(".test.ts") && name.includes(only))
  .map((name) => join(folder, name));

const out = join(root, "node_modules/.tests", folder);
rmSync(out, { recursive: true, force: true });
await build({
  absWorkingDir: root, entryPoints: files, outdir: out, outbase: folder, bundle: true, platform: "node", format: "esm",
  packages: "external", target: "node20", sourcemap: "inline", logLevel: "warning", outExtension: { ".js": ".mjs" },
  define: { WEB_ROOT: JSON.stringify(root) },
});
/** Of the end-to-end tests, those that judge neither times nor rates, nor build the extension into the one folder: two of them run at a time. */
const calm = ["access", "alpha", "axe", "cluster", "drawer", "edges", "gallery", "reel", "sizes"]
  .map((name) => join("e2e", `${name}.test.ts`));

/** Runs test files, so many at a time, and returns whether all passed. */
function run(names, atOnce) {
  if (names.length === 0) return true;
  const tests = names.map((name) => join(root, "node_modules/.tests", name.replace(/\.ts$/, ".mjs")));
  // Firefox is driven over a websocket, which Node has by itself only from 22 on.
  const { status } = spawnSync(process.execPath, [
    "--enable-source-maps", "--experimental-websocket", "--test", `--test-concurrency=${atOnce}`, "--test-reporter=spec", ...tests,
  ], { stdio: "inherit", cwd: root });
  return status === 0;
}

const passed = [
  run(files.filter((name) => !calm.includes(name)), 1),
  run(files.filter((name) => calm.includes(name)), 2),
];
rmSync(join(root, "node_modules/.tests"), { recursive: true, force: true });
process.exit(passed.every(Boolean) ? 0 : 1);
