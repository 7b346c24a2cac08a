/** Brings scripts of the tests into a page. */
import { build } from "esbuild";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Codes } from "./farmarker";
import type { Direct } from "./direct";
import type { Held } from "./held";
import type { Player as PlayerClass } from "./player";
import type { Probe } from "./probe";
import type { Hall } from "./room";

declare const WEB_ROOT: string;

declare global {
  var probe: Probe;
  var held: Held;
  var Player: typeof PlayerClass;
  var codes: Codes;
  var hall: Hall;
  var direct: Direct;
}

/** Makes globalThis.probe in the page. */
export function injectProbe(page: Page): Promise<void> {
  return inject(page, "probe.ts");
}

/** Makes globalThis.held in the page. */
export function injectHeld(page: Page): Promise<void> {
  return inject(page, "held.ts");
}

/** Makes globalThis.Player in the page. */
export function injectPlayer(page: Page): Promise<void> {
  return inject(page, "player.ts");
}

/** Makes globalThis.codes in the page. */
export function injectCodes(page: Page): Promise<void> {
  return inject(page, "farmarker.ts");
}

/** Makes globalThis.direct in the page. */
export function injectDirect(page: Page): Promise<void> {
  return inject(page, "direct.ts");
}

/** Makes globalThis.hall in the page. */
export function injectRoom(page: Page): Promise<void> {
  return inject(page, "room.ts");
}

/** The page's own rules for scripts do not apply to what a debugger evaluates. */
async function inject(page: Page, script: string): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: WEB_ROOT, entryPoints: [join(WEB_ROOT, "e2e", script)], bundle: true, format: "iife", write: false, logLevel: "warning",
  });
  await page.evaluate(outputFiles[0]!.text);
}
