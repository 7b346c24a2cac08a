/** The page at the sizes and under the wishes at which it once failed: nothing off screen, nothing that only a colour says. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, openPage, pictureToUpload, scratch, screenshot, Server, untilLive } from "./harness";

const folder = scratch();
let server: Server;
let browser: Browser;

/** Laptops, a big screen, phones upright and on their side, and laptops at twice their size. */
const SIZES = [[1280, 720], [1920, 1080], [390, 844], [360, 640], [844, 390], [720, 450], [640, 360]] as const;
/** Portraits enough for none of these sizes to show them all. */
const MANY = Array.from({ length: 30 }, (_, i) => ({ id: "mona-lisa", name: `Portrait number ${i + 1}`, warnings: [], builtin: true }));

before(async () => {
  server = await Server.start(folder);
  browser = await launch(null);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page of a server with many portraits, at the first look. */
async function many(size: readonly [number, number]): Promise<{ page: Page; close: () => Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: size[0], height: size[1] } });
  const page = await context.newPage();
  await page.route("**/api/personas", async (route) => {
    const personas = MANY.map((persona, i) => ({ ...persona, id: i === 20 ? "mona-lisa" : `portrait-${i}` }));
    await route.fulfill({ json: { personas } });
  });
  await page.goto(server.address);
  await page.waitForSelector(".tile[data-persona]");
  return { page, close: () => context.close() };
}

/** Which of these are not wholly on the screen. */
function offScreen(page: Page, selectors: string[]): Promise<string[]> {
  return page.evaluate((all) => all.filter((selector) => {
    const box = document.querySelector(selector)?.getBoundingClientRect();
    return !box || box.width === 0 || box.left < -0.5 || box.top < -0.5 || box.right > innerWidth + 0.5 || box.bottom > innerHeight + 0.5;
  }), selectors);
}

test("the first look shows the bar, the portrait, its actions and how to add a picture, however many portraits there are", async () => {
  for (const size of SIZES) {
    const { page, close } = await many(size);
    const wanted = [".bar", "#picture", "#camera", "#perform", "#pause", "#more", "#add", "#arrange"];
    assert.deepEqual(await offScreen(page, wanted), [], size.join(" x "));
    assert.equal(await page.evaluate(() => scrollY), 0);
    await page.keyboard.press("9"); // the chosen one is far along the strip, and this one is not
    await page.waitForTimeout(100);
    assert.deepEqual(await page.evaluate(() => [scrollY, document.documentElement.scrollWidth - innerWidth]), [0, 0]);
    const inside = await page.evaluate(() => {
      const strip = document.querySelector("#personas")!.getBoundingClientRect();
      const tile = document.querySelector('.tile[aria-pressed="true"]')!.getBoundingClientRect();
      return tile.left >= strip.left - 1 && tile.right <= strip.right + 1;
    });
    assert.ok(inside, `${size.join(" x ")}: the chosen portrait is in sight`);
    await close();
  }
});

test("the portrait has at least 60 % of a laptop's height, and 45 % where everything else is below it", async () => {
  for (const [size, least] of [[[1280, 720], 0.6], [[1920, 1080], 0.6], [[844, 390], 0.6], [[640, 360], 0.6], [[360, 640], 0.45]] as const) {
    const { page, close } = await many(size);
    const share = await page.evaluate(() => document.querySelector("#picture")!.getBoundingClientRect().height / innerHeight);
    assert.ok(share >= least, `${size.join(" x ")}: ${share.toFixed(3)}`);
    await close();
  }
});

test("menus and drawers are on screen, and leave the buttons of the bar and the portrait in reach", async () => {
  const { context, page } = await openPage(browser, server.address);
  await untilLive(page);
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    for (const [button, sheet] of [["#perform", "#performances"], ["#more", "#more-menu"]] as const) {
      await page.click(button);
      assert.deepEqual(await offScreen(page, [sheet]), [], `${width} x ${height}`);
      // Once the page has found its place in the new size.
      await page.waitForFunction(() => document.documentElement.scrollWidth === innerWidth, undefined, { timeout: 3000 });
      await page.keyboard.press("Escape");
    }
    for (const drawer of ["settings", "latency", "use"]) {
      await page.click(`#open-${drawer}`);
      await page.evaluate((name) => Promise.all(document.querySelector(`#${name}`)!.getAnimations().map(({ finished }) => finished)), drawer);
      assert.deepEqual(await offScreen(page, [`#${drawer}`]), [], `${width} x ${height}`);
      const share = await page.evaluate((name) => {
        const [over, picture] = [document.querySelector(`#${name}`)!.getBoundingClientRect(), document.querySelector("#picture")!.getBoundingClientRect()];
        const wide = Math.max(0, Math.min(over.right, picture.right) - Math.max(over.left, picture.left));
        const high = Math.max(0, Math.min(over.bottom, picture.bottom) - Math.max(over.top, picture.top));
        return (wide * high) / (picture.width * picture.height);
      }, drawer);
      assert.ok(share < 0.4, `${width} x ${height}: ${drawer} covers ${share.toFixed(2)} of the portrait`);
      await page.click(`#open-${drawer}`); // the same button closes it: nothing lies over it
      assert.ok(await page.isHidden(`#${drawer}`));
    }
  }
  await context.close();
});

test("what is on differs from what is off by form, in our colours and in the system's", async () => {
  for (const forcedColors of ["none", "active"] as const) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, forcedColors });
    const page = await context.newPage();
    await page.goto(server.address);
    await untilLive(page);
    const looks = (selector: string): Promise<string> => page.evaluate((where) => {
      const element = document.querySelector(where)!;
      const mark = getComputedStyle(element, "::before"), own = getComputedStyle(element), thumb = element.querySelector(".thumb");
      const frame = thumb ? getComputedStyle(thumb) : own;
      // Forms only: where the marks of two states are alike but for a colour, the states are.
      return JSON.stringify([mark.backgroundColor === "rgba(0, 0, 0, 0)", own.backgroundColor, frame.borderTopWidth, frame.outlineStyle]);
    }, selector);
    await page.click("#more");
    const before = await looks("#mirror");
    await page.click("#mirror");
    await page.click("#more");
    assert.notEqual(await looks("#mirror"), before, `Mirror, forced colours ${forcedColors}`);
    await page.keyboard.press("Escape");
    const running = await looks("#pause");
    await page.click("#pause");
    assert.notEqual(await looks("#pause"), running, `Pause, forced colours ${forcedColors}`);
    await page.click("#pause");
    await screenshot(page, `forced-${forcedColors}`);
    await context.close();
  }
});

test("the chosen portrait and the lamp are to be seen in the system's colours", async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, forcedColors: "active" });
  const page = await context.newPage();
  await page.goto(server.address);
  await page.setInputFiles("#file", pictureToUpload(folder));
  await page.check("#upload-attest");
  await page.click("#upload-go");
  await page.waitForFunction(() => document.querySelectorAll(".tile[data-persona]").length === 2);
  await untilLive(page);
  const widths = await page.evaluate(() => [...document.querySelectorAll(".tile[data-persona]")].map((tile) =>
    getComputedStyle(tile.querySelector(".thumb")!).borderTopWidth));
  assert.equal(new Set(widths).size, 2, String(widths));
  const lamp = await page.evaluate(() => getComputedStyle(document.querySelector(".lamp")!).backgroundColor);
  assert.notEqual(lamp, await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
  await context.close();
});
