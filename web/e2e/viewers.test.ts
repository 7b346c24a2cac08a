/** Who only watches: the view page in somebody else's page, and a WHEP client of the field. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, Frame, Page } from "playwright-core";
import { readPNG } from "../client/testing/png";
import { launch, openPage, outFolder, pause, scratch, screenshot, Server, untilLive } from "./harness";
import { injectPlayer } from "./inject";

/** A page of another origin: a checkerboard of 20 pixels, and in 800 x 500 of it the view page. */
const CHECKS = "repeating-conic-gradient(#ff00ff 0 25%, #00ff00 0 50%) 0 0 / 40px 40px";
const STREAM = { width: 800, height: 500 };

let server: Server;
let browser: Browser;
let driver: BrowserContext;
let page: Page;
let name: string;
let elsewhere: ReturnType<typeof createServer>;

before(async () => {
  server = await Server.start(scratch());
  browser = await launch(null);
  ({ context: driver, page } = await openPage(browser, server.address));
  await drive(page);
  name = await page.evaluate(() => globalThis.gioconda.connection.name);
  elsewhere = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://localhost");
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><body style="margin:0;background:${CHECKS}"><iframe src="${searchParams.get("of")}"
      style="border:0;display:block" width="${STREAM.width}" height="${STREAM.height}"></iframe>`);
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
});

after(async () => {
  elsewhere?.close();
  await browser?.close();
  await server?.stop();
});

async function drive(on: Page): Promise<void> {
  await untilLive(on);
  await on.click("#perform");
  await on.click("#performances button >> nth=0");
  await on.waitForSelector("#perform:text(\"Stop\")");
}

/** The view page over the checkerboard, once it stands. */
async function stage(query: string): Promise<{ context: BrowserContext; outside: Page; view: Frame; faults: string[] }> {
  const { port } = elsewhere.address() as AddressInfo;
  const source = encodeURIComponent(`${server.address}view/${name}${query}`);
  const { context, page: outside, faults } = await openPage(browser, `http://127.0.0.1:${port}/?of=${source}`, STREAM);
  const view = outside.frames().find((frame) => frame.url().includes("/view/"));
  assert.ok(view, "the page may not be framed");
  return { context, outside, view, faults };
}

function untilShowing(view: Frame, showing: boolean): Promise<unknown> {
  return view.waitForFunction((want) => window.giocondaView?.showing === want, showing, { polling: 100, timeout: 40_000 });
}

/** Share of the pixels of a column (0..1 of the width) that are the checkerboard's. */
async function checks(outside: Page, file: string, column: number): Promise<number> {
  await screenshot(outside, file);
  const { width, height, data } = readPNG(join(outFolder, `${file}.png`));
  let same = 0;
  for (let y = 0; y < height; y++) {
    const at = 4 * (y * width + Math.floor(column * width));
    const [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!];
    if ((r > 250 && g < 5 && b > 250) || (r < 5 && g > 250 && b < 5)) same++;
  }
  return same / height;
}

test("the picture stands in a foreign page, transparent around it, and moves", async (t) => {
  const { context, outside, view, faults } = await stage("");
  await untilShowing(view, true);
  assert.equal(await checks(outside, "view-contain", 0.5), 0, "the picture is in the middle");
  assert.equal(await checks(outside, "view-contain", 0.05), 1, "and the checkerboard beside it");
  const moved = await view.evaluate(async () => {
    const video = document.querySelector("video")!;
    const before = video.getVideoPlaybackQuality().totalVideoFrames;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    return video.getVideoPlaybackQuality().totalVideoFrames - before;
  });
  t.diagnostic(`${(moved / 3).toFixed(1)} frames/s`);
  assert.ok(moved > 15, `${moved} frames in 3 s`);
  assert.equal(await view.evaluate(() => getComputedStyle(document.body).pointerEvents), "none");
  assert.deepEqual(faults, []);
  await context.close();
});

test("it fills the page, on a colour, mirrored, as its address says", async () => {
  const { context, outside, view } = await stage("?fit=cover");
  await untilShowing(view, true);
  assert.equal(await checks(outside, "view-cover", 0.02), 0);
  await context.close();
  const other = await stage("?background=%23102030&mirror=1");
  await untilShowing(other.view, true);
  await screenshot(other.outside, "view-colour");
  const { width, data } = readPNG(join(outFolder, "view-colour.png"));
  const at = 4 * (100 * width + 20);
  assert.deepEqual([...data.subarray(at, at + 3)], [0x10, 0x20, 0x30]);
  assert.equal(await other.view.evaluate(() => document.querySelector("video")!.style.transform), "scaleX(-1)");
  await other.context.close();
});

test("alpha=1 shows the portrait alone, the checkerboard around and through it", async () => {
  const { context, outside, view, faults } = await stage("?alpha=1");
  await untilShowing(view, true);
  await pause(1500);
  const beside = (STREAM.width - STREAM.height) / 2;
  const column = (inPicture: number): number => (beside + inPicture * STREAM.height) / STREAM.width;
  const landscape = await checks(outside, "view-alpha", column(0.04));
  assert.ok(landscape > 0.6, `of the landscape at the picture's edge ${landscape} is gone`);
  const middle = await checks(outside, "view-alpha", column(0.5));
  assert.ok(middle > 0.02 && middle < 0.4, `of the column through the face ${middle} is the checkerboard, above the hair`);
  assert.deepEqual(faults, []);
  await context.close();
});

test("aspect=16:9 fills a wide page", async () => {
  const { context, outside, view, faults } = await stage("?aspect=16:9");
  await untilShowing(view, true);
  assert.deepEqual(await view.evaluate(() => {
    const video = document.querySelector("video")!;
    return [video.videoWidth, video.videoHeight];
  }), [1280, 720]);
  assert.equal(await checks(outside, "view-wide", 0.02), (STREAM.height - STREAM.width * 9 / 16) / STREAM.height, "the checkerboard above and below only");
  assert.deepEqual(faults, []);
  await context.close();
});

test("while nobody drives nothing is seen; the picture comes back with the driver, and after a restart", async (t) => {
  const { context, outside, view } = await stage("");
  await untilShowing(view, true);
  const seconds = (from: number): string => `${((Date.now() - from) / 1000).toFixed(1)} s`;
  let from = Date.now();
  await page.goto("about:blank"); // the driver closes its page
  await untilShowing(view, false);
  t.diagnostic(`gone ${seconds(from)} after the driver`);
  assert.equal(await checks(outside, "view-idle", 0.5), 1, "the checkerboard everywhere");
  const idle = await fetch(`${server.address}whep/${name}`, { method: "HEAD" });
  assert.deepEqual([idle.status, idle.headers.get("retry-after")], [409, "2"]);
  await pause(5000);
  const tries = await view.evaluate(() => window.giocondaView!.watcher.attempts);
  assert.ok(tries >= 3 && tries < 9, `${tries} attempts in some seconds`);

  await page.goto(server.address);
  await drive(page);
  from = Date.now();
  await untilShowing(view, true);
  t.diagnostic(`back ${seconds(from)} after the driver`);

  assert.equal(await server.stop(), 0, server.said);
  await untilShowing(view, false);
  await server.start();
  await untilLive(page);
  from = Date.now();
  await untilShowing(view, true);
  t.diagnostic(`back ${seconds(from)} after the driver that came back after a restart`);
  assert.equal(await checks(outside, "view-back", 0.5), 0);
  assert.equal(await view.evaluate(() => document.querySelectorAll("video").length), 1);
  await context.close();
});

/** When each frame of a page's video was shown: RTP timestamp, and milliseconds on the machine's clock. */
async function shown(on: Page | Frame, selector: string, seconds: number): Promise<[rtp: number, at: number][]> {
  return on.evaluate(async ([video, millis]) => {
    const element = document.querySelector<HTMLVideoElement>(video)!;
    const seen: [number, number][] = [];
    const note: VideoFrameRequestCallback = (_, { rtpTimestamp, presentationTime }) => {
      if (rtpTimestamp !== undefined) seen.push([rtpTimestamp, performance.timeOrigin + presentationTime]);
      element.requestVideoFrameCallback(note);
    };
    element.requestVideoFrameCallback(note);
    await new Promise((resolve) => setTimeout(resolve, millis));
    return seen;
  }, [selector, 1000 * seconds] as const);
}

/**
 * How much later each frame was shown there than here, milliseconds. The numbers of two connections differ by a
 * constant: the difference that most pairs have. No one frame may decide it, since either side may have missed it.
 */
function delays(here: [number, number][], there: [number, number][]): number[] {
  const pairs = new Map<number, number[]>();
  for (const [theirs, late] of there) {
    for (const [own, at] of here) {
      const difference = (theirs - own) >>> 0;
      const found = pairs.get(difference);
      if (found) found.push(late - at);
      else pairs.set(difference, [late - at]);
    }
  }
  const most = [...pairs.values()].reduce((best, found) => (found.length > best.length ? found : best), []);
  return most.sort((a, b) => a - b);
}

test("a viewer sees each frame when the driver does", async (t) => {
  const { context, page: other } = await openPage(browser, `${server.address}view/${name}`);
  await untilShowing(other.mainFrame(), true);
  await pause(2000);
  const [own, theirs] = await Promise.all([shown(page, "#live", 10), shown(other, "video", 10)]);
  const late = delays(own, theirs);
  const at = (share: number): string => (late[Math.floor(share * (late.length - 1))] ?? NaN).toFixed(1);
  t.diagnostic(`${own.length} frames at the driver's, ${theirs.length} at the viewer's, ${late.length} in both; later by p50 ${at(0.5)}, p5 ${at(0.05)}, p95 ${at(0.95)} ms`);
  assert.ok(late.length > theirs.length / 2, "the frames are the same");
  assert.ok(Math.abs(Number(at(0.5))) < 500, `${at(0.5)} ms`);
  await context.close();
});

test("however often it connects, the page grows no larger", async (t) => {
  const { context, page: other } = await openPage(browser, `${server.address}view/${name}`);
  await untilShowing(other.mainFrame(), true);
  const devtools = await context.newCDPSession(other);
  const heap = async (): Promise<number> => {
    await devtools.send("HeapProfiler.collectGarbage");
    const { usedSize } = await devtools.send("Runtime.getHeapUsage") as { usedSize: number };
    return usedSize;
  };
  const connect = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await other.evaluate(() => {
        document.querySelector("video")!.className = "old";
        window.giocondaView!.watcher.start();
      });
      await other.waitForFunction(() => document.querySelector("video:only-child:not(.old)") && window.giocondaView?.showing, undefined, { polling: 20 });
    }
  };
  await connect(5);
  const before = await heap();
  await connect(30);
  const grown = (await heap()) - before;
  t.diagnostic(`${(before / 1024).toFixed(0)} KiB, ${(grown / 1024).toFixed(0)} KiB more after 30 connections`);
  assert.ok(grown < 300 * 1024, `${grown} bytes`);
  await other.route("**/whep/**", (route) => route.fulfill({ status: 409, headers: { "Retry-After": "0.02" } }));
  const idle = async (times: number): Promise<number> => {
    const until = (await other.evaluate(() => window.giocondaView!.watcher.attempts)) + times;
    await other.waitForFunction((attempts) => window.giocondaView!.watcher.attempts >= attempts, until, { polling: 100 });
    return heap();
  };
  await other.evaluate(() => window.giocondaView!.watcher.start());
  const rest = await idle(50);
  const waited = (await idle(300)) - rest;
  t.diagnostic(`${(waited / 1024).toFixed(0)} KiB more after 300 times of asking in vain`);
  assert.ok(waited < 300 * 1024, `${waited} bytes`);
  await context.close();
});

test("a reloaded page keeps its name; a second window gets another", async () => {
  await page.reload();
  await untilLive(page);
  assert.equal((await fetch(`${server.address}whep/${name}`, { method: "HEAD" })).status, 200);
  const second = await driver.newPage();
  await second.goto(server.address);
  await second.waitForFunction((mine) => {
    const said = [...document.querySelectorAll("#toasts .toast span")].map((toast) => toast.textContent ?? "");
    return said.some((text) => text.includes(`is called ${mine}`) && text.includes("find this portrait as portrait-"));
  }, name);
  await second.close();
});

test("a WHEP client of the field plays, restarts ICE and stops", async (t) => {
  const { context, page: other } = await openPage(browser, `${server.address}view/${name}`);
  await injectPlayer(other);
  const state = await other.evaluate((endpoint) => {
    const player = new globalThis.Player();
    Object.assign(globalThis, { player });
    return player.play(endpoint);
  }, `${server.address}whep/${name}`);
  assert.equal(state, "connected");
  type Playing = typeof globalThis & { player: InstanceType<typeof globalThis.Player> };
  const frames = () => other.evaluate(() => (globalThis as Playing).player.frames(3));
  const first = await frames();
  assert.ok(first > 15, `${first} frames in 3 s`);
  const [status, old, fresh] = await other.evaluate(() => (globalThis as Playing).player.restart());
  assert.equal(status, 200);
  assert.ok(old !== "" && fresh !== "" && old !== fresh, `${old} and ${fresh}`);
  const second = await frames();
  assert.ok(second > 15, `${second} frames in 3 s after the restart`);
  t.diagnostic(`${first} frames in 3 s, ${second} after a restart of ICE`);
  await other.evaluate(() => (globalThis as Playing).player.stop());
  await context.close();
});
