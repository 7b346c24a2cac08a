// Lints the Python code of this folder as ruff.toml says, with the ruff that npm has, so that no machine needs another;
// then checks its types with pyright, which knows numpy, torch and onnx where the Python of python.sh has them.
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";

const here = dirname(fileURLToPath(import.meta.url));
const { PositionEncoding, Workspace } = createRequire(import.meta.url)("@astral-sh/ruff-wasm-nodejs");

const ruff = new Workspace(parse(readFileSync(join(here, "ruff.toml"), "utf8")), PositionEncoding.Utf16);
let faults = 0;
for (const name of readdirSync(here).filter((name) => name.endsWith(".py")).sort()) {
  for (const { code, message, start_location: { row, column } } of ruff.check(readFileSync(join(here, name), "utf8"))) {
    console.error(`${join(here, name)}:${row}:${column} ${code ?? ""} ${message}`);
    faults++;
  }
}

const python = execFileSync(join(here, "python.sh"), { encoding: "utf8" }).trim();
const pyright = spawnSync(process.execPath, [join(here, "node_modules/pyright/index.js"), "--project", here, "--pythonpath", python], {
  stdio: "inherit",
});
process.exit(faults === 0 && pyright.status === 0 ? 0 : 1);
