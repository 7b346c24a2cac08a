/** Machines without a camera, hands without a mouse, small screens. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launch, openPage, scratch, screenshot, Server, untilLive, untilSaid } from "./harness";

let server: Server;
let browser: Browser;

before(async () => {
  server = await Server.start(scratch());
  browser = await launch(null);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("without a camera it says so and offers a performance; everything works by keyboard alone", async () => {
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
  const { context, page } = await openPage(browser, server.address);
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
  const { context, page } = await openPage(browser, server.address);
  await page.waitForFunction(() => document.querySelector<HTMLImageElement>("#poster")!.naturalWidth > 0);
  for (const [width, height] of [[360, 640], [390, 844], [844, 390]] as const) {
    await page.setViewportSize({ width, height });
    await screenshot(page, `phone-${width}x${height}`);
    const { low, wide } = await page.evaluate(() => ({
      low: Math.max(...["#stage", "#camera", "#perform", "#more", "#pause"].map((s) => document.querySelector(s)?.getBoundingClientRect().bottom ?? 0)),
      wide: document.documentElement.scrollWidth - innerWidth,
    }));
    assert.ok(low <= height, `${width} x ${height}: the lowest action ends at ${low}`);
    assert.equal(wide, 0, "nothing sticks out at the side");
  }
  await context.close();
});
