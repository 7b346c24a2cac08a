/** More visitors than the server has places. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launch, openPage, PHONE, scratch, screenshot, Server, untilLive, untilSaid } from "./harness";

let server: Server;
let browser: Browser;

before(async () => {
  server = await Server.start(scratch(), { GIOCONDA_PIPELINE_MAX_SESSIONS: "1" });
  browser = await launch(null);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a visitor too many is told so on the portrait, and comes in once somebody leaves", async () => {
  const first = await openPage(browser, server.address);
  await untilLive(first.page);
  const { page, faults } = await openPage(browser, server.address, PHONE);
  const said = await untilSaid(page, /no room|full/);
  assert.match(said, /^[A-Z].*\.$/, "a sentence");
  assert.equal(await page.textContent("#standing"), said);
  await page.waitForFunction(() => getComputedStyle(document.querySelector("#standing")!).opacity === "1");
  await screenshot(page, "phone-crowded");
  assert.equal(await page.getAttribute("#status", "data-phase"), "waiting");
  await first.context.close();
  await untilLive(page);
  assert.ok(await page.isHidden("#standing"));
  assert.deepEqual(faults, []);
});
