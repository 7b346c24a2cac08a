/** Which sites have the camera: the first time is said, each has a switch, and what is decided lasts. */
import assert from "node:assert/strict";
import type { Server as HTTPServer } from "node:http";
import { after, before, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { launchWithExtension, openPopup, site, switchOn, untilDriving, untilServed } from "./extension";
import { cameraOf, pause, scratch, screenshot, Server } from "./harness";

const folder = scratch();
let server: Server;
let context: BrowserContext;
let popup: Page;
let one: string;
let other: string;
const sites: HTTPServer[] = [];

/** A site that will not let go of what it has: it keeps the connection, and makes that deaf to being closed. */
const KEEPER = `<!doctype html><title>A keeper</title><script>
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) { super(configuration); window.keptConnection = this; }
    close() {}
  };
</script>`;

declare global {
  var heard: string[];
  var got: MediaStream;
  var keptConnection: RTCPeerConnection;
}

/** What the background can tell that no page sees. */
interface Behind {
  action: { getBadgeText(details: object): Promise<string>; getTitle(details: object): Promise<string> };
  notifications: { getAll(): Promise<Record<string, boolean>> };
}

before(async () => {
  server = await Server.start(folder);
  const pages = { "/": "<!doctype html><title>A call</title>", "/keeper": KEEPER };
  for (const host of ["localhost", "127.0.0.1"] as const) {
    const made = await site(Object.fromEntries(Object.entries(pages).map(([path, page]) => [path, (_, response) => response.end(page)])), host);
    sites.push(made.server);
    if (host === "localhost") one = made.address;
    else other = made.address;
  }
  context = await launchWithExtension(cameraOf(folder, "talk-gentle", 10));
  const opened = await switchOn(context, server.address);
  popup = opened.popup;
  await untilDriving(opened.driver);
});

after(async () => {
  await context?.close();
  for (const made of sites) made.close();
  await server?.stop();
});

async function open(address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

/** Asks for a camera and keeps it; its label. */
function ask(page: Page): Promise<string> {
  return page.evaluate(async () => {
    globalThis.got = await navigator.mediaDevices.getUserMedia({ video: true });
    const [track] = globalThis.got.getVideoTracks();
    globalThis.heard = [];
    track!.onended = () => globalThis.heard.push("ended");
    navigator.mediaDevices.ondevicechange = () => globalThis.heard.push("devicechange");
    return track!.label;
  });
}

function badge(): Promise<[text: string, title: string]> {
  return context.serviceWorkers()[0]!.evaluate(async () => {
    const { action } = (globalThis as unknown as { chrome: Behind }).chrome;
    return [await action.getBadgeText({}), await action.getTitle({})] as [string, string];
  });
}

/** Sets the tick of a site in the popup. */
async function tick(origin: string, on: boolean): Promise<void> {
  if (!await popup.isVisible("#new-sites")) await popup.click("#known summary");
  await popup.locator("li", { hasText: origin }).locator("input").setChecked(on);
}

/** Lines of a list of the popup. */
function lines(list: string): Promise<string[]> {
  return popup.locator(`${list} li`).allInnerTexts();
}

async function untilLines(list: string, want: string[]): Promise<void> {
  await popup.waitForFunction(([where, wanted]) => [...document.querySelectorAll<HTMLElement>(`${where} li`)].map(({ innerText }) => innerText).join("\n") === wanted,
    [list, want.join("\n")] as const);
}

test("a site that has the portrait for the first time is named, counted and remembered", async () => {
  assert.equal((await badge())[0], "");
  await untilServed(context, one);
  const page = await open(one);
  assert.equal(await ask(page), "Gioconda");
  await untilLines("#sites", [`${one}: A call`]);
  assert.deepEqual(await badge(), ["1", "Gioconda: one site shows the portrait"]);
  const notes = await context.serviceWorkers()[0]!.evaluate(() => (globalThis as unknown as { chrome: Behind }).chrome.notifications.getAll());
  assert.ok("site" in notes, Object.keys(notes).join());
  await page.close();
  await untilLines("#sites", ["none"]);
  assert.equal((await badge())[0], "");
  await popup.click("#known summary");
  assert.deepEqual(await lines("#others"), [one]);
});

test("switched off in mid-call, a site has its real camera, and no other site has", async () => {
  const [page, elsewhere] = [await open(one), await open(other)];
  assert.deepEqual([await ask(page), await ask(elsewhere)], ["Gioconda", "Gioconda"]);
  assert.equal((await badge())[0], "2");
  await tick(one, false);
  await page.waitForFunction(() => globalThis.heard.length === 2);
  assert.deepEqual(await page.evaluate(() => [globalThis.got.getVideoTracks()[0]!.readyState, ...globalThis.heard.sort()]), ["ended", "devicechange", "ended"]);
  assert.match(await ask(page), /fake|mjpeg/i);
  await untilLines("#sites", [`${other}: A call`]);
  assert.deepEqual(await elsewhere.evaluate(() => [globalThis.got.getVideoTracks()[0]!.readyState, ...globalThis.heard]), ["live"]);
  await screenshot(popup, "extension-sites");
  // It lasts, and a popup that is opened anew says so.
  await page.reload();
  assert.match(await ask(page), /fake|mjpeg/i);
  const fresh = await openPopup(context);
  await fresh.waitForFunction(() => document.querySelectorAll("#others input").length > 0);
  assert.equal(await fresh.locator("#others li", { hasText: one }).locator("input").isChecked(), false);
  await fresh.close();
  await tick(one, true);
  await page.waitForFunction(() => globalThis.heard.includes("devicechange"));
  assert.equal(await ask(page), "Gioconda");
  for (const each of [page, elsewhere]) await each.close();
});

test("a site that keeps its connection sees no more than the last picture", async () => {
  const page = await open(`${one}/keeper`);
  assert.equal(await ask(page), "Gioconda");
  const frames = (): Promise<number> => page.evaluate(async () => {
    for (const entry of (await globalThis.keptConnection.getStats()).values() as Iterable<{ type: string; framesReceived?: number }>) {
      if (entry.type === "inbound-rtp") return entry.framesReceived ?? 0;
    }
    return 0;
  });
  const before = await frames();
  await pause(1000);
  assert.ok(await frames() > before, "it is the connection that counts");
  await tick(one, false);
  await page.waitForFunction(() => globalThis.heard.includes("ended"));
  await pause(500);
  const then = await frames();
  await pause(2000);
  assert.equal(await frames(), then);
  await tick(one, true);
  await page.close();
});

test("where new sites get nothing, one that asks has its real camera until it is ticked", async () => {
  await popup.click("#forget");
  await untilLines("#others", ["none"]);
  await popup.setChecked("#new-sites", false);
  const page = await open(one);
  assert.match(await ask(page), /fake|mjpeg/i);
  await untilLines("#others", [one]);
  assert.equal(await popup.locator("#others input").isChecked(), false);
  await tick(one, true);
  await page.waitForFunction(() => globalThis.heard.includes("devicechange"));
  assert.equal(await ask(page), "Gioconda");
  await popup.setChecked("#new-sites", true);
  const elsewhere = await open(other);
  assert.equal(await ask(elsewhere), "Gioconda");
  for (const each of [page, elsewhere]) await each.close();
});

test("the list can be used from the keyboard, and keeps the focus", async () => {
  const page = await open(one);
  await ask(page);
  await popup.focus("#sites input");
  await pause(2500); // the popup hears of the driver each second
  assert.equal(await popup.evaluate(() => document.activeElement?.closest("#sites") !== null), true);
  await popup.keyboard.press("Space");
  await page.waitForFunction(() => globalThis.heard.includes("ended"));
  await untilLines("#sites", ["none"]);
  await page.close();
});
