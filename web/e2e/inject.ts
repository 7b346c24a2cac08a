/** Brings probe.ts into a page. */
import { build } from "esbuild";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Probe } from "./probe";

declare const WEB_ROOT: string;

declare global {
  var probe: Probe;
}

/** Makes globalThis.probe in the page. The page's own rules for scripts do not apply to what a debugger evaluates. */
export async function injectProbe(page: Page): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: WEB_ROOT, entryPoints: [join(WEB_ROOT, "e2e/probe.ts")], bundle: true, format: "iife", write: false, logLevel: "warning",
  });
  await page.evaluate(outputFiles[0]!.text);
}
