/** What axe finds in every state of the page: nothing. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, openPage, PHONE, pictureToUpload, projectRoot, scratch, Server, several, untilLive } from "./harness";

const folder = scratch();
const axe = readFileSync(join(projectRoot, "web/node_modules/axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
let server: Server;
let browser: Browser;

interface Axe {
  run(where: Document, options: object): Promise<{ violations: { id: string; nodes: { target: unknown[] }[] }[] }>;
}

before(async () => {
  server = await Server.start(folder);
  browser = await launch(null);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** How to come into each state, and the key that leads out. */
const STATES: Record<string, (page: Page) => Promise<unknown>> = {
  "the first look": () => Promise.resolve(),
  performances: (page) => page.click("#perform"),
  more: (page) => page.click("#more"),
  "use it": (page) => page.click("#open-use"),
  latency: (page) => page.click("#open-latency"),
  settings: (page) => page.click("#open-settings"),
  help: (page) => page.click("#open-help"),
  gallery: (page) => page.click("#arrange"),
  upload: (page) => page.setInputFiles("#file", pictureToUpload(folder)),
  teach: (page) => page.keyboard.press("t"),
  "teach, pictures": (page) => page.setInputFiles("#file", several(folder).slice(0, 2)),
  "no camera": (page) => page.click("#camera"),
  paused: (page) => page.click("#pause"),
};

async function judge(page: Page): Promise<string[]> {
  // What fades in has its colours only at the end.
  await page.evaluate(() => Promise.allSettled(document.getAnimations()
    .filter((a) => Number.isFinite(a.effect?.getComputedTiming().endTime)).map((a) => a.finished)));
  await page.evaluate(axe);
  return page.evaluate(async (rules) => {
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run(document, { runOnly: rules });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  }, RULES);
}

for (const [device, viewport] of [["a laptop", { width: 1280, height: 720 }], ["a phone", PHONE]] as const) {
  test(`axe finds nothing on ${device}`, async () => {
    const { context, page } = await openPage(browser, server.address, viewport);
    await untilLive(page);
    for (const [state, enter] of Object.entries(STATES)) {
      await enter(page);
      assert.deepEqual(await judge(page), [], state);
      await page.keyboard.press("Escape");
    }
    await context.close();
  });
}
