/** The pause key, less motion, and what is kept of what is seen. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { cameraOf, launch, openPage, pause, scratch, screenshot, Server, untilLive, untilSaid } from "./harness";
import { injectHeld } from "./inject";
import type { Region } from "./held";

const folder = scratch();
const WHOLE: Region = [0, 0, 1, 1];
let server: Server;
let browser: Browser;
let page: Page;
let faults: string[];

before(async () => {
  const camera = cameraOf(folder, "talk-expressive", 14);
  server = await Server.start(folder);
  browser = await launch(camera);
  ({ page, faults } = await openPage(browser, server.address));
  await untilLive(page);
  await injectHeld(page);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Waits until a recording shows at least so many seconds. */
function untilRecorded(seconds: number): Promise<unknown> {
  return page.waitForFunction((least) => {
    const [minutes = 0, rest = 0] = (document.querySelector("#record-time:not([hidden])")?.textContent ?? "0:0").split(":").map(Number);
    return 60 * minutes + rest >= least;
  }, seconds);
}

/** How far two moments differ, a second and a half apart: means of a third of a second each, which calm the codec's noise. */
async function moves(on: Page): Promise<number> {
  await on.evaluate(() => globalThis.held.take("one", 0.35));
  await pause(1200);
  await on.evaluate(() => globalThis.held.take("two", 0.35));
  return on.evaluate((region) => globalThis.held.worstOutside("one", "two", [0, 0, 0, 0]) + globalThis.held.difference("one", "two", region), WHOLE);
}

test("pausing freezes a portrait that a camera drives, says so, and sends nothing; again it goes on", async (t) => {
  await page.click("#camera");
  await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().fps.sent > 3);
  await page.click("#microphone");
  await page.waitForFunction(() => document.querySelector("#microphone")!.getAttribute("aria-pressed") === "true");
  let driven = 0;
  for (let i = 0; i < 3; i++) driven = Math.max(driven, await moves(page));
  await page.keyboard.press("h");
  assert.match(await page.textContent("#paused") ?? "", /^Paused/);
  assert.ok(await page.isVisible("#paused"));
  assert.equal(await page.getAttribute("#microphone", "aria-pressed"), "false", "nobody is heard either");
  await pause(2000); // it comes to rest, and the server has missed the face
  assert.equal(await page.textContent("#status-text"), "Paused: nothing of you is sent.");
  assert.equal(await page.textContent("#self-text"), "Paused: nothing leaves this device.");
  const sent = await page.evaluate(() => globalThis.gioconda.meter.snapshot().fps.sent);
  await screenshot(page, "paused");
  const still = await moves(page);
  t.diagnostic(`driven ${driven.toFixed(2)}, paused ${still.toFixed(2)} levels`);
  assert.ok(still < 0.25 * driven, `paused it moves by ${still.toFixed(2)}, driven by ${driven.toFixed(2)}`);
  assert.ok(sent < 1, `${sent} samples a second leave`);
  // A connection made anew knows of it too.
  await page.evaluate(() => globalThis.gioconda.connection.reconnect());
  await untilLive(page);
  await pause(500);
  const inForce = () => page.evaluate(async () => ((await globalThis.gioconda.connection.request("settings"))["settings"] as { still: boolean }).still);
  assert.equal(await inForce(), true);
  await page.keyboard.press("Pause");
  assert.ok(await page.isHidden("#paused"));
  await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().fps.sent > 3);
  assert.match(await page.textContent("#status-text") ?? "", /^Connected/);
  assert.match(await page.textContent("#self-text") ?? "", /^Only these points/);
  assert.equal(await inForce(), false);
});

test("a picture of what is seen is saved, as large as the stream", async () => {
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("i")]);
  assert.match(download.suggestedFilename(), /^mona-lisa-\d{4}-\d\d-\d\d-[\d-]+\.png$/);
  const file = join(folder, "seen.png");
  await download.saveAs(file);
  const size = execFileSync("ffprobe", ["-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", file], { encoding: "utf8" });
  assert.equal(size.trim(), "png,512,512");
});

test("a film of what is seen is saved, with the driver's sound", async () => {
  await page.click("#microphone");
  await page.waitForFunction(() => document.querySelector("#microphone")!.getAttribute("aria-pressed") === "true");
  await page.hover("#picture");
  await page.click("#record");
  assert.equal(await page.getAttribute("#record", "aria-label"), "Stop recording");
  await untilRecorded(3);
  await screenshot(page, "recording");
  await page.mouse.move(5, 300);
  assert.ok(await page.isVisible("#record"), "what runs is to be seen");
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("r")]);
  await untilSaid(page, /recording is saved/);
  const file = join(folder, download.suggestedFilename());
  await download.saveAs(file);
  const tracks = execFileSync("ffprobe", ["-v", "error", "-count_packets", "-show_entries", "stream=codec_type,nb_read_packets", "-of", "csv=p=0", file], { encoding: "utf8" })
    .trim().split("\n").map((line) => line.split(","));
  assert.deepEqual(tracks.map(([kind]) => kind).sort(), ["audio", "video"]);
  for (const [kind, packets] of tracks) assert.ok(Number(packets) > 8, `${packets} packets of ${kind}`);
});

test("a recording that loses its connection is saved all the same", async () => {
  await page.keyboard.press("r");
  await untilRecorded(2);
  const [download] = await Promise.all([page.waitForEvent("download"), page.evaluate(() => globalThis.gioconda.connection.reconnect())]);
  await untilSaid(page, /recording is saved/);
  assert.match(download.suggestedFilename(), /\.(webm|mp4)$/);
  await untilLive(page);
});

test("a camera after a performance brings no news of another face, and nobody's absence is told before there was a camera", async () => {
  await page.click("#camera");
  await page.click("#perform");
  await page.click("#performances button >> nth=0");
  await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().fps.sent > 5);
  await page.click("#perform"); // stops it
  await pause(2500);
  assert.doesNotMatch(await page.textContent("#status-text") ?? "", /No face/);
  await page.evaluate(() => {
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) ((globalThis as { said?: string[] }).said ??= []).push(node.textContent ?? "");
    }).observe(document.querySelector("#toasts")!, { childList: true });
  });
  await page.click("#camera");
  await untilSaid(page, /calibrated/);
  const said = await page.evaluate(() => (globalThis as { said?: string[] }).said ?? []);
  assert.ok(!said.some((text) => text.includes("Another face")), said.join(" | "));
});

test("every frame that the camera gave is closed, however often it is started and stopped", async () => {
  await page.click("#camera"); // off
  const [worker] = page.workers();
  await worker!.evaluate(() => {
    const tally = (globalThis as { tally?: Record<"read" | "closed" | "ends", number> }).tally = { read: 0, closed: 0, ends: 0 };
    const read: (this: ReadableStreamDefaultReader) => Promise<ReadableStreamReadResult<unknown>> = Reflect.get(ReadableStreamDefaultReader.prototype, "read");
    const close: (this: VideoFrame) => void = Reflect.get(VideoFrame.prototype, "close");
    ReadableStreamDefaultReader.prototype.read = async function (this: ReadableStreamDefaultReader) {
      const result = await read.call(this);
      tally[result.done ? "ends" : "read"]++;
      return result;
    };
    VideoFrame.prototype.close = function () {
      tally.closed++;
      close.call(this);
    };
  });
  const times = 6;
  for (let i = 0; i < times; i++) {
    await page.click("#camera");
    await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().fps.sent > 3);
    await pause(40 * i);
    await page.click("#camera");
    await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().fps.sent < 1);
  }
  const { read = 0, closed = 0, ends = 0 } = await worker!.evaluate(() => (globalThis as { tally?: Record<string, number> }).tally ?? {});
  assert.ok(read > 10 * times, `${read} frames`);
  assert.deepEqual([closed, ends], [read, times]);
});

test("who asked for less motion gets a still portrait, a performance once, and can have it otherwise", async () => {
  const context = await browser.newContext({ reducedMotion: "reduce" });
  const calm = await context.newPage();
  calm.setDefaultTimeout(60_000);
  await calm.goto(server.address);
  await untilLive(calm);
  await injectHeld(calm);
  await pause(2500);
  const inForce = () => calm.evaluate(async () => (await globalThis.gioconda.connection.request("settings"))["settings"] as { still: boolean; idle: boolean });
  assert.deepEqual([(await inForce()).still, (await inForce()).idle], [true, false]);
  const still = await moves(calm);
  await calm.click("#open-settings");
  await calm.check("[name=idle]");
  await pause(2500);
  assert.deepEqual([(await inForce()).still, (await inForce()).idle], [false, true]);
  let alive = 0;
  for (let i = 0; i < 3; i++) alive = Math.max(alive, await moves(calm));
  assert.ok(still < 0.5 * alive, `${still.toFixed(2)} of ${alive.toFixed(2)} levels`);
  await calm.uncheck("[name=idle]");
  await calm.keyboard.press("Escape");
  await calm.route("**/api/config", async (route) => {
    const answer = await route.fetch();
    const config = await answer.json() as { performances: { seconds: number }[] };
    for (const performance of config.performances) performance.seconds = 2;
    await route.fulfill({ json: config });
  });
  await calm.reload({ waitUntil: "commit" });
  await untilLive(calm);
  await calm.click("#perform");
  await calm.click("#performances button >> nth=0");
  await calm.waitForSelector('#perform:text("Stop")');
  assert.equal((await inForce()).still, false, "who asks for a performance sees it");
  await calm.waitForSelector('#perform:text("Play a performance")');
  await pause(300);
  assert.equal((await inForce()).still, true);
  await context.close();
});

test("the page never complained", () => assert.deepEqual(faults, []));
