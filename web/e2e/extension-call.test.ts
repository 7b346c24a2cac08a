/** The extension in calls: what the far side sees and hears. */
import assert from "node:assert/strict";
import type { Server as HTTPServer } from "node:http";
import { after, before, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { launchWithExtension, site, switchOn, untilDriving, untilServed } from "./extension";
import { call, far, LISTENING } from "./farside";
import { cameraOf, pause, scratch, Server } from "./harness";
import { injectCodes } from "./inject";
import { lateness, markDriver, quantile } from "./late";

const folder = scratch();
let server: Server;
let context: BrowserContext;
let popup: Page;
let driver: Page;
let address: string;
const sites: HTTPServer[] = [];

/** Milliseconds between two beeps of the browser's false microphone: longer delays look shorter by so much. */
const BEEPS = 500;

before(async () => {
  server = await Server.start(folder);
  const plain = await site({ "/": (_, response) => response.end("<!doctype html><title>A call</title>"), "/listening": (_, response) => response.end(LISTENING) });
  sites.push(plain.server);
  address = plain.address;
  context = await launchWithExtension(cameraOf(folder, "talk-gentle", 10));
  ({ popup, driver } = await switchOn(context, server.address));
  await untilDriving(driver);
  await untilServed(context, address);
});

after(async () => {
  await context?.close();
  for (const one of sites) one.close();
  await server?.stop();
});

async function open(path = "/"): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address + path);
  return page;
}

test("the far side of a call sees the portrait move", async (t) => {
  const page = await open();
  assert.equal(await call(page), "Gioconda");
  await pause(2000);
  const seen = await far(page, 60);
  t.diagnostic(`${seen.rate.toFixed(1)} frames/s at the far side, change ${seen.change.toFixed(2)} of 255`);
  assert.ok(seen.change > 0.5, "it moves");
  assert.ok(seen.light > 70, "it is not black");
  assert.match(await popup.innerText("#sites"), new RegExp(`${address}: A call`));
  await page.close();
  await popup.waitForFunction(() => document.querySelector("#sites")?.textContent === "none");
});

test("what the driver does is seen at the far side", async (t) => {
  const page = await open();
  await call(page);
  await injectCodes(page);
  await markDriver(driver);
  const [near, away] = await page.evaluate(async () => {
    const own = document.body.appendChild(document.createElement("video"));
    own.muted = true;
    own.srcObject = globalThis.call.near;
    await own.play();
    return Promise.all([globalThis.codes(own, 12), globalThis.codes(globalThis.call.video, 12)]);
  });
  const [late, lateAway] = [await lateness(driver, near), await lateness(driver, away)];
  const tell = (name: string, millis: number[]): string =>
    `${name} ${(millis.length / 12).toFixed(1)}/s, p50 ${quantile(millis, 0.5).toFixed(0)} ms, p95 ${quantile(millis, 0.95).toFixed(0)} ms`;
  t.diagnostic(`movements: ${tell("near side", late)}; ${tell("far side", lateAway)}`);
  assert.ok(late.length >= 10, `${near.length} codes, ${late.length} of the driver's`);
  assert.ok(lateAway.length >= 5, `${away.length} codes at the far side, ${lateAway.length} of the driver's`);
  await page.close();
});

test("frozen the portrait stays, with the camera off, until it goes on", async () => {
  const page = await open();
  await call(page);
  await popup.click("#panic");
  await driver.waitForFunction(() => globalThis.giocondaDriver?.state().camera === false);
  assert.equal(await driver.evaluate(() => document.querySelector<HTMLVideoElement>("#own")!.srcObject), null);
  const still = await far(page);
  assert.ok(still.light > 70, JSON.stringify(still));
  await popup.click("#panic");
  await driver.waitForFunction(() => globalThis.giocondaDriver?.state().camera === true);
  await page.close();
});

test("the voice waits for the picture", async (t) => {
  const page = await open("/listening");
  await call(page, true);
  const [label, lag, silent, delay] = await page.evaluate(async () => {
    const context = new AudioContext();
    const listen = (stream: MediaStream): AnalyserNode => {
      const node = context.createAnalyser();
      node.fftSize = 32_768;
      context.createMediaStreamSource(stream).connect(node);
      return node;
    };
    const microphone = globalThis.call.near.getAudioTracks()[0]!;
    const [before, behind] = [listen(globalThis.raw!), listen(new MediaStream([microphone]))];
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const [a, b] = [new Float32Array(32_768), new Float32Array(32_768)];
    before.getFloatTimeDomainData(a);
    behind.getFloatTimeDomainData(b);
    let best = { lag: 0, sum: 0 };
    for (let shift = 0; shift < 24_000; shift += 8) {
      let sum = 0;
      for (let i = shift; i < a.length; i += 4) sum += a[i - shift]! * b[i]!;
      if (sum > best.sum) best = { lag: shift, sum };
    }
    return [microphone.label, (1000 * best.lag) / context.sampleRate, best.sum === 0, 1000 * globalThis.delay.delayTime.value] as const;
  });
  assert.equal(silent, false);
  const measured = await driver.evaluate(() => globalThis.giocondaDriver!.state().latency);
  t.diagnostic(`${label}: the voice comes ${lag.toFixed(0)} ms later, as set to ${delay.toFixed(0)}; camera to call measured as ${measured.toFixed(0)} ms`);
  assert.match(label, /fake/i);
  assert.ok(delay > 10 && delay <= 500, `${delay} ms`);
  // No sooner than that, and not so much later that anybody would see it.
  const fits = (millis: number): boolean => millis > delay - 20 && millis < delay + 80;
  assert.ok(fits(lag) || fits(lag + BEEPS), `${lag} ms`);
  await page.close();
});
