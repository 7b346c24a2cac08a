/** What a call with the extension is like and costs: rate and lateness at its far side, lips against voice, processor time. */
import assert from "node:assert/strict";
import type { Server as HTTPServer } from "node:http";
import { loadavg } from "node:os";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { launchWithExtension, site, switchOn, untilDriving, untilServed } from "./extension";
import { call, far, LISTENING } from "./farside";
import { cameraOf, pause, scratch, Server, untilLive } from "./harness";
import { injectCodes, injectDirect } from "./inject";
import { lateness, markDriver, quantile } from "./late";
import { chromiumSeconds } from "./processes";
import { lag, listen, writeBursts } from "./sound";

const skip = process.env["GIOCONDA_LONG"] ? false : "SKIPPED: measures with GIOCONDA_LONG=1";
/** Frames a second at the far side below which a machine is too busy to say anything about lips and voice. */
const ENOUGH = 15;
/** Seconds of each look, and before it. */
const LOOK = 12, SETTLE = 4;

const folder = scratch();
let server: Server;
let context: BrowserContext;
let popup: Page;
let driver: Page;
let plain: { address: string; server: HTTPServer };

before(async () => {
  if (skip) return;
  server = await Server.start(folder);
  plain = await site({ "/": (_, response) => response.end(LISTENING) });
  const voice = join(folder, "voice.wav");
  writeBursts(voice, 60);
  context = await launchWithExtension(cameraOf(folder, "talk-gentle", 10), [`--use-file-for-fake-audio-capture=${voice}`]);
  ({ popup, driver } = await switchOn(context, server.address));
  await untilDriving(driver);
  await untilServed(context, plain.address);
});

after(async () => {
  await context?.close();
  plain?.server.close();
  await server?.stop();
});

async function open(address = plain.address): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

interface Far {
  rate: number;
  codes: number;
  p50: number;
  p95: number;
}

/** Calls and looks at the far side; with an endpoint the picture goes into the call as it comes from the server. */
async function farSide(t: TestContext, endpoint = ""): Promise<Far> {
  // The server's own page may ask it; any answer of it will do.
  const page = await open(endpoint ? `${server.address}healthz` : plain.address);
  if (endpoint) await injectDirect(page);
  await injectCodes(page);
  await call(page, false, endpoint);
  await pause(1000 * SETTLE);
  const [seen, rate] = await page.evaluate(async (seconds) => {
    const { video } = globalThis.call;
    const shown = (): number => video.getVideoPlaybackQuality().totalVideoFrames;
    const [before, from] = [shown(), performance.now()];
    const codes = await globalThis.codes(video, seconds);
    return [codes, (1000 * (shown() - before)) / (performance.now() - from)] as const;
  }, LOOK);
  await page.close();
  const late = await lateness(driver, seen, "capture");
  const result = { rate, codes: late.length / LOOK, p50: quantile(late, 0.5), p95: quantile(late, 0.95) };
  t.diagnostic(`${endpoint ? "as it comes" : "composed"}: ${rate.toFixed(1)} frames/s, ${result.codes.toFixed(1)} codes/s, camera to far side p50 ${result.p50.toFixed(0)} ms, ` +
    `p95 ${result.p95.toFixed(0)} ms; load ${loadavg()[0]!.toFixed(1)}`);
  return result;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test("the far side with the extension's composition and without, in turn", { skip }, async (t) => {
  await markDriver(driver);
  const name = await driver.evaluate(() => globalThis.giocondaDriver!.connection.name);
  const endpoint = `${server.address}whep/${name}?aspect=16:9`;
  const composed: Far[] = [], direct: Far[] = [];
  for (let turn = 0; turn < 2; turn++) {
    direct.push(await farSide(t, endpoint));
    composed.push(await farSide(t));
  }
  for (const one of [...composed, ...direct]) assert.ok(one.codes > 1, "the driver's codes are read");
  // A busy machine has its tides: the better turn of each is compared.
  const [rates, late] = [(all: Far[]): number => Math.max(...all.map(({ rate }) => rate)), (all: Far[]): number => Math.min(...all.map(({ p50 }) => p50))];
  t.diagnostic(`composed against as it comes: ${(rates(composed) / rates(direct)).toFixed(2)} of the frames, ${(late(composed) - late(direct)).toFixed(0)} ms later`);
  assert.ok(rates(composed) > 0.6 * rates(direct));
  assert.ok(late(composed) < 2 * late(direct));
});

test("lips and voice at the far side", { skip }, async (t) => {
  const page = await open();
  await injectCodes(page);
  await call(page, true);
  await pause(1000 * SETTLE);
  for (let turn = 0; turn < 2; turn++) {
    const [heard, codes] = await Promise.all([listen(page, LOOK), page.evaluate((seconds) => globalThis.codes(globalThis.call.video, seconds), LOOK)]);
    const late = await lateness(driver, codes, "capture");
    const voice = lag(heard);
    const set = await page.evaluate(() => 1000 * globalThis.delay.delayTime.value);
    const lips = quantile(late, 0.5);
    t.diagnostic(`lips ${lips.toFixed(0)} ms after the camera (p95 ${quantile(late, 0.95).toFixed(0)}), voice ${voice.millis} ms after the microphone (fit ${voice.fit.toFixed(2)}), ` +
      `held back by ${set.toFixed(0)}: the voice is ${(lips - voice.millis).toFixed(0)} ms early; load ${loadavg()[0]!.toFixed(1)}`);
    const early = lips - voice.millis;
    const { rate } = await far(page, 60);
    if (rate < ENOUGH) {
      t.skip(`SKIPPED: this machine is too busy, ${rate.toFixed(1)} frames/s at the far side`);
      break;
    }
    assert.ok(voice.fit > 0.5, "the voice is known again");
    assert.ok(early > -125 && early < 45, `${early} ms early`);
  }
  await page.close();
});

/** Processor seconds of Chromium a second, and frames a second at the far side of a call where there is one. */
async function cost(page: Page | null): Promise<{ cores: number; rate: number }> {
  await pause(1000 * SETTLE);
  const [before, from] = [chromiumSeconds(), performance.now()];
  const shown = (): Promise<number> => page?.evaluate(() => globalThis.call.video.getVideoPlaybackQuality().totalVideoFrames) ?? Promise.resolve(0);
  const first = await shown();
  await pause(1000 * LOOK);
  const last = await shown();
  const seconds = (performance.now() - from) / 1000;
  return { cores: (chromiumSeconds() - before) / seconds, rate: (last - first) / seconds };
}

async function setOn(on: boolean): Promise<void> {
  if (await popup.getAttribute("#on", "aria-pressed") !== String(on)) await popup.click("#on");
  await popup.waitForSelector(`#on[aria-pressed=${String(on)}]`);
}

/** The demo page by itself, then beside a call with the real camera. */
async function withoutExtension(): Promise<{ demo: number; both: number; rate: number }> {
  await setOn(false);
  const page = await open(server.address);
  await untilLive(page);
  await page.evaluate(() => globalThis.gioconda.startCamera());
  const demo = await cost(null);
  const calling = await open();
  await call(calling);
  const both = await cost(calling);
  await calling.close();
  await page.close();
  return { demo: demo.cores, both: both.cores, rate: both.rate };
}

/** The extension's own tab, and a call. */
async function withExtension(): Promise<{ cores: number; rate: number }> {
  const opened = context.waitForEvent("page", (page) => page.url().endsWith("driver.html"));
  await setOn(true);
  driver = await opened;
  await untilDriving(driver);
  await untilServed(context, plain.address);
  const calling = await open();
  assert.equal(await call(calling), "Gioconda");
  await far(calling, 30);
  const result = await cost(calling);
  await calling.close();
  await driver.close();
  return result;
}

test("processor time of a call with the extension, against the demo page", { skip }, async (t) => {
  await driver.close();
  const shares: number[] = [], more: number[] = [];
  for (let turn = 0; turn < 2; turn++) {
    const without = await withoutExtension();
    const extension = await withExtension();
    shares.push(extension.cores / without.demo);
    more.push(extension.cores / without.both);
    t.diagnostic(`cores busy: demo page ${without.demo.toFixed(2)}, and a call with the real camera ${without.both.toFixed(2)} (${without.rate.toFixed(1)} frames/s); ` +
      `extension and a call ${extension.cores.toFixed(2)} (${extension.rate.toFixed(1)} frames/s); load ${loadavg()[0]!.toFixed(1)}`);
  }
  t.diagnostic(`extension with a call: ${mean(shares).toFixed(2)} of the demo page, ${mean(more).toFixed(2)} of the demo page beside a call`);
  assert.ok(mean(more) < 2, `${mean(more)} times`);
});
