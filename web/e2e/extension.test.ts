/** The extension in a call of the tests' own: what a page gets that asks for a camera. */
import assert from "node:assert/strict";
import type { Server as HTTPServer } from "node:http";
import { after, before, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { cameraOf, scratch, Server } from "./harness";
import { launchWithExtension, site, switchOn, untilDriving } from "./extension";

const folder = scratch();
let server: Server;
let context: BrowserContext;
let driver: Page;
let popup: Page;
let address: string;
let sites: HTTPServer;

before(async () => {
  server = await Server.start(folder);
  ({ address, server: sites } = await site({ "/": (_, response) => response.end("<!doctype html><title>A call</title>") }));
  context = await launchWithExtension(cameraOf(folder, "talk-gentle", 10));
  ({ popup, driver } = await switchOn(context, server.address));
  await untilDriving(driver);
});

after(async () => {
  await context?.close();
  sites?.close();
  await server?.stop();
});

async function open(path = "/"): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address + path);
  return page;
}

test("a page that asks for a camera gets the portrait, moving", async (t) => {
  const page = await open();
  const got = await page.evaluate(async () => {
    const from = performance.now();
    const stream = await navigator.mediaDevices.getUserMedia({ video: true });
    const took = performance.now() - from;
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = stream;
    await video.play();
    const before = video.getVideoPlaybackQuality().totalVideoFrames;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const [track] = stream.getVideoTracks();
    return { took, label: track?.label, settings: track?.getSettings(), size: [video.videoWidth, video.videoHeight], frames: video.getVideoPlaybackQuality().totalVideoFrames - before };
  });
  t.diagnostic(JSON.stringify(got));
  assert.equal(got.label, "Gioconda");
  assert.deepEqual(got.size, [1280, 720]);
  assert.ok(got.frames > 15, `${got.frames} frames in 3 s`);
  await page.close();
});
