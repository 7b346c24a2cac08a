/** Faces that vanish, machines without a camera, and hands without a mouse. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launch, openPage, PHONE, scratch, screenshot, Server, untilLive, untilSaid, vanishingCamera } from "./harness";

const folder = scratch();
let server: Server;
const browsers: Browser[] = [];

async function open(camera: string | null): Promise<Browser> {
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

test("without a camera it says so and offers a performance; everything works by keyboard alone", async () => {
  const browser = await open(null);
  const { page, faults } = await openPage(browser, server.address);
  await untilLive(page);
  const focused = () => page.evaluate(() => document.activeElement?.id ?? "");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "camera", "the skip link leads to the controls");
  await page.keyboard.press("Enter");
  assert.match(await untilSaid(page, /no camera/), /performance/);
  await screenshot(page, "desktop-no-camera");
  await page.focus("#perform");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().fps.sent > 5);
  assert.equal(await focused(), "perform");
  await page.keyboard.press("?");
  assert.ok(await page.isVisible("#help"));
  await screenshot(page, "desktop-help");
  await page.keyboard.press("Escape");
  await page.keyboard.press("l");
  assert.equal(await page.getAttribute("#open-latency", "aria-expanded"), "true");
  await page.keyboard.press("Escape");
  assert.equal(await page.isVisible("#latency"), false);
  await page.keyboard.press("p");
  assert.equal(await page.textContent("#perform"), "Play a performance");
  assert.deepEqual(faults, []);
});

test("every control has a name, and nothing moves for who asked for stillness", async () => {
  const { context, page } = await openPage(browsers.at(-1)!, server.address);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await untilLive(page);
  const nameless = await page.evaluate(() => [...document.querySelectorAll<HTMLElement>("button, input, select, a")]
    .filter((control) => !(control.textContent?.trim() || control.getAttribute("aria-label") || control.closest("label") || control.ariaHidden === "true"))
    .map((control) => control.outerHTML));
  assert.deepEqual(nameless, []);
  const duration = await page.evaluate(() => getComputedStyle(document.querySelector("#live")!).transitionDuration);
  assert.ok(parseFloat(duration) <= 0.001, duration);
  await context.close();
});

test("small phones, upright and on their side, show portrait and actions without scrolling", async () => {
  const { context, page } = await openPage(browsers.at(-1)!, server.address);
  await page.waitForFunction(() => document.querySelector<HTMLImageElement>("#poster")!.naturalWidth > 0);
  for (const [width, height] of [[360, 640], [390, 844], [844, 390]] as const) {
    await page.setViewportSize({ width, height });
    await screenshot(page, `phone-${width}x${height}`);
    const { low, wide } = await page.evaluate(() => ({
      low: Math.max(...["#stage", "#camera", "#mirror", "#layer:not([hidden])"].map((s) => document.querySelector(s)?.getBoundingClientRect().bottom ?? 0)),
      wide: document.documentElement.scrollWidth - innerWidth,
    }));
    assert.ok(low <= height, `${width} x ${height}: the lowest action ends at ${low}`);
    assert.equal(wide, 0, "nothing sticks out at the side");
  }
  await context.close();
});
