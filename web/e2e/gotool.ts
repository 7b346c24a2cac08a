/** Programs of others that tests talk to, built from Go modules of their own, as the Go tests build them: what was built is kept for both. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import { projectRoot } from "./harness";

/** The program's path, or why there is none: the module's dependencies cannot be had everywhere. folder holds the module, below the project's root. */
export function goTool(folder: string, pkg: string): { path: string } | { lacks: string } {
  const source = join(projectRoot, folder);
  const sum = createHash("sha256");
  for (const name of readdirSync(source).sort()) sum.update(readFileSync(join(source, name)));
  const tools = join(projectRoot, ".cache/tools");
  const path = join(tools, `${basename(folder)}-${sum.digest("hex").slice(0, 8)}`);
  if (existsSync(path)) return { path };
  mkdirSync(tools, { recursive: true });
  const part = `${path}.part`;
  try {
    execFileSync("go", ["build", "-o", part, pkg], { cwd: source, stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    return { lacks: `SKIPPED: ${basename(folder)} cannot be built: ${String(error).slice(-500)}` };
  }
  renameSync(part, path);
  return { path };
}
