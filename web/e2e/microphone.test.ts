/** The microphone: costs nothing until it is on, is heard without another offer, and off is silence at once. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { cameraOf, launch, openPage, pause, scratch, Server, untilLive, untilSaid } from "./harness";

const folder = scratch();
let server: Server;
let browser: Browser;
let page: Page;
let faults: string[];

before(async () => {
  const camera = cameraOf(folder, "talk-expressive", 14);
  server = await Server.start(folder);
  browser = await launch(camera);
  ({ page, faults } = await openPage(browser, server.address));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Packets of sound that the page has sent. */
function packets(): Promise<number> {
  return page.evaluate(async () => {
    let sent = 0;
    for (const stat of (await globalThis.gioconda.connection.stats())!.values() as Iterable<Record<string, unknown>>) {
      if (stat["type"] === "outbound-rtp" && stat["kind"] === "audio") sent += Number(stat["packetsSent"]);
    }
    return sent;
  });
}

function pressed(): Promise<string | null> {
  return page.getAttribute("#microphone", "aria-pressed");
}

test("nobody is heard who has not switched the microphone on", async () => {
  await untilLive(page);
  await pause(1500);
  assert.equal(await packets(), 0);
  assert.deepEqual([await pressed(), await page.isVisible("#voice-note")], ["false", false]);
});

test("switched on it is heard, and the panel tells how far sound and picture are apart", async (t) => {
  await page.click("#camera");
  await untilSaid(page, /calibrated/);
  await page.click("#microphone");
  await page.waitForFunction(() => document.querySelector("#microphone")!.getAttribute("aria-pressed") === "true");
  assert.ok(await page.isVisible("#voice-note"));
  await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().pictureAfterSound !== null);
  const before = await packets();
  await pause(2000);
  const rate = (await packets() - before) / 2;
  t.diagnostic(`${rate} packets/s; pictures leave ${await page.evaluate(() => globalThis.gioconda.meter.snapshot().pictureAfterSound!.toFixed(0))} ms after their sound`);
  assert.ok(rate > 25 && rate < 80, `${rate} packets a second`);
  const choices = await page.evaluate(() => [...document.querySelectorAll("#microphones option")].map((option) => option.textContent));
  assert.ok(choices.length > 1, String(choices));
});

test("a connection that is made anew carries it on", async () => {
  await page.evaluate(() => globalThis.gioconda.connection.reconnect());
  await untilLive(page);
  await pause(1500);
  assert.ok(await packets() > 20);
  assert.equal(await pressed(), "true");
});

test("the key switches it off, and nothing is sent any more", async () => {
  await page.keyboard.press("a");
  await page.waitForFunction(() => document.querySelector("#microphone")!.getAttribute("aria-pressed") === "false");
  await pause(200);
  const before = await packets();
  await pause(1500);
  assert.equal(await packets(), before);
  await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().pictureAfterSound === null);
  assert.deepEqual(faults, []);
});
