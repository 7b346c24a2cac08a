/** Faces that vanish, machines without a camera, and hands without a mouse. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launch, openPage, pause, PHONE, scratch, screenshot, Server, untilLive, untilSaid, vanishingCamera } from "./harness";

const folder = scratch();
let server: Server;
let browser: Browser | null = null;

before(async () => {
  server = await Server.start(folder);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a face that vanishes is told, the portrait goes on, and the face is found again", async () => {
  browser = await launch(vanishingCamera(folder, 5));
  const { context, page, faults } = await openPage(browser, server.address, PHONE);
  await untilLive(page);
  await page.click("#camera");
  await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().fps.sent > 10);
  await untilSaid(page, /no face in sight/);
  assert.match(await page.textContent("#status-text") ?? "", /idles/);
  await screenshot(page, "phone-lost");
  const seen = await page.evaluate(() => globalThis.gioconda.meter.display.seen);
  await pause(700);
  assert.ok(await page.evaluate((before) => globalThis.gioconda.meter.display.seen - before > 8, seen), "the stream is not frozen");
  await page.waitForFunction(() => document.querySelector("#note")!.hasAttribute("hidden"));
  await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().fps.sent > 10);
  assert.deepEqual(faults, []);
  await context.close();
  await browser.close();
});

test("without a camera it says so and offers a performance; everything works by keyboard alone", async () => {
  browser = await launch(null);
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
  await page.waitForFunction(() => globalThis.gioconda.meter.snapshot().fps.sent > 10);
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
  const { context, page } = await openPage(browser!, server.address);
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
