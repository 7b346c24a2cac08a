/** An extension of another version than the server: both say what they are, and nobody is left without a camera. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import type { Server as HTTPServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { launchWithExtension, site, switchOn, untilTrouble } from "./extension";
import { cameraOf, scratch, screenshot, Server } from "./harness";

const folder = scratch();
let server: Server;
let context: BrowserContext;
let popup: Page;
let driver: Page;
let plain: { address: string; server: HTTPServer };

/** Has the built extension speak the protocol's next version. */
function newer(built: string): void {
  const file = join(built, "driver.js");
  const code = readFileSync(file, "utf8");
  const changed = code.replace(/type:"hello",version:[\w$]+/, 'type:"hello",version:2');
  assert.notEqual(changed, code, "the build says its version another way");
  writeFileSync(file, changed);
}

before(async () => {
  server = await Server.start(folder);
  plain = await site({ "/": (_, response) => response.end("<!doctype html><title>A call</title>") });
  context = await launchWithExtension(cameraOf(folder, "talk-gentle", 4), [], newer);
  ({ popup, driver } = await switchOn(context, server.address));
});

after(async () => {
  await context?.close();
  plain?.server.close();
  await server?.stop();
});

test("the server's refusal is said in the popup and in the driver's tab, and stays said", async () => {
  await untilTrouble(popup, /different versions: update both/);
  assert.match(await driver.innerText("#words"), /different versions: update both/);
  await screenshot(popup, "extension-version");
  // It looks again whether the server was updated; in between nothing else is said.
  const words = await popup.evaluate(async () => {
    const place = document.querySelector("#words")!;
    const said = new Set<string>();
    const observer = new MutationObserver(() => said.add(place.textContent ?? ""));
    observer.observe(place, { childList: true, characterData: true, subtree: true });
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    observer.disconnect();
    return [...said];
  });
  assert.deepEqual(words.filter((one) => !one.includes("different versions")), []);
});

test("a page that asks has its real camera, without waiting for a portrait that cannot come", async (t) => {
  const page = await context.newPage();
  await page.goto(plain.address);
  const [label, took] = await page.evaluate(async () => {
    const from = performance.now();
    const [track] = (await navigator.mediaDevices.getUserMedia({ video: true })).getVideoTracks();
    return [track!.label, performance.now() - from] as const;
  });
  t.diagnostic(`the real camera after ${took.toFixed(0)} ms`);
  assert.match(label, /fake|mjpeg/i);
  // A driver that is waited for takes twelve seconds.
  assert.ok(took < 10_000, `${took} ms`);
  await page.close();
});
