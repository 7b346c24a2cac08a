/** What the camera shows moves the portrait: a driver who opens the mouth, and one who leaves. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { agreement } from "./correlate";
import { cameraOf, launch, openPage, outFolder, pause, PHONE, scratch, screenshot, Server, untilLive, untilSaid,
  vanishingCamera } from "./harness";
import { injectProbe } from "./inject";

const folder = scratch();
/** Of the clip, where the driver talks; later he turns away with lips that hardly move, and noise would be compared with noise. */
const FROM = 2, SECONDS = 9;
let server: Server;
const browsers: Browser[] = [];

/** A browser with this film for a camera. */
async function open(camera: string): Promise<Browser> {
  const browser = await launch(camera);
  browsers.push(browser); // closed also where a test fails: one left open would keep the run from ending
  return browser;
}

before(async () => {
  server = await Server.start(folder);
});

after(async () => {
  for (const browser of browsers) await browser.close();
  await server?.stop();
});

test("the mouth of the portrait opens when the driver's opens", async (t) => {
  const browser = await open(cameraOf(folder, "talk-expressive", SECONDS, FROM));
  const { context, page, faults } = await openPage(browser, server.address);
  await untilLive(page);
  await page.click("#camera");
  await untilSaid(page, /calibrated/);
  await injectProbe(page);
  await page.evaluate(async () => {
    await globalThis.probe.untilCalm();
    await globalThis.gioconda.connection.request("calibrate");
  });
  await pause(500);
  const sent = await page.evaluate((seconds) => globalThis.probe.record(seconds, 160), SECONDS);
  const { generator, bitrate } = JSON.parse(await page.evaluate(() => globalThis.gioconda.report())) as
    { generator: string; bitrate: { target: number; received: number } };
  await page.click("#camera");
  const back = await page.evaluate(() => globalThis.probe.trackBack());
  mkdirSync(outFolder, { recursive: true });
  writeFileSync(join(outFolder, "mouth.json"), JSON.stringify({ sent, back }));
  const { correlation, lag } = agreement(sent, back, 200);
  const seconds = (sent.times.at(-1)! - sent.times[0]!) / 1000;
  t.diagnostic(`correlation ${correlation.toFixed(3)} at ${lag} ms; ${(sent.times.length / seconds).toFixed(1)} samples/s, ${back.times.length} frames ` +
    `tracked back; generator ${generator}, ${(bitrate.received / 1e6).toFixed(2)} of ${(bitrate.target / 1e6).toFixed(2)} Mbit/s`);
  assert.ok(back.times.length > 80, `only ${back.times.length} frames showed a face`);
  // A starved tracker samples too rarely for speech; then a looser bar has to do.
  const starved = sent.times.length / seconds < 20;
  assert.ok(correlation >= (starved ? 0.7 : 0.85), `correlation ${correlation}${starved ? ", tracker starved" : ""}`);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a face that vanishes is told, the portrait goes on, and the face is found again", async () => {
  const browser = await open(vanishingCamera(folder, 5));
  const { context, page, faults } = await openPage(browser, server.address, PHONE);
  await untilLive(page);
  await page.click("#camera");
  await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().fps.sent > 5);
  await untilSaid(page, /no face in sight/);
  assert.match(await page.textContent("#status-text") ?? "", /idles/);
  await screenshot(page, "phone-lost");
  const seen = await page.evaluate(() => globalThis.gioconda.meter.display.seen);
  await page.waitForFunction((before) => globalThis.gioconda.meter.display.seen - before > 8, seen); // the stream is not frozen
  await page.waitForFunction(() => document.querySelector("#note")!.hasAttribute("hidden"));
  await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().fps.sent > 5);
  assert.deepEqual(faults, []);
  await context.close();
});
