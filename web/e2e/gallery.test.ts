/** Portraits that are named, put in order, saved as files, brought in again and deleted; and a background of one's own. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { hugePicture, launch, openPage, pictureToUpload, scratch, screenshot, Server, untilLive, untilSaid } from "./harness";

const folder = scratch();
let server: Server;
let browser: Browser;
let page: Page;
let faults: string[];

before(async () => {
  server = await Server.start(folder);
  browser = await launch(null);
  ({ page, faults } = await openPage(browser, server.address));
  await untilLive(page);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

function names(): Promise<(string | null)[]> {
  return page.evaluate(() => [...document.querySelectorAll(".tile[data-persona] .name")].map((name) => name.textContent));
}

function untilNames(...wanted: string[]): Promise<unknown> {
  return page.waitForFunction((all) => JSON.stringify([...document.querySelectorAll(".tile[data-persona] .name")].map((name) => name.textContent)) === all,
    JSON.stringify(wanted));
}

async function upload(file: string): Promise<void> {
  await page.setInputFiles("#file", file);
  await page.check("#upload-attest");
  await page.click("#upload-go");
}

test("a portrait gets another name and another place, and both last", async () => {
  await upload(pictureToUpload(folder));
  await untilNames("Mona Lisa", "Old master");
  await page.click("#arrange");
  await page.fill('input[aria-label="Name of Old master"]', "Änn <b>of</b> Cleves");
  await page.keyboard.press("Tab");
  await untilNames("Mona Lisa", "Änn <b>of</b> Cleves");
  assert.equal(await page.textContent("#plaque-name"), "Änn <b>of</b> Cleves", "it is the one that is shown");
  await page.click('button[aria-label="Move Änn <b>of</b> Cleves up"]');
  await untilNames("Änn <b>of</b> Cleves", "Mona Lisa");
  await page.waitForFunction(() => document.activeElement?.getAttribute("data-move") === "old-master 1");
  await screenshot(page, "gallery");
  await page.click("#gallery-done");
  await page.reload();
  await untilLive(page);
  assert.deepEqual(await names(), ["Änn <b>of</b> Cleves", "Mona Lisa"]);
  await page.keyboard.press("2");
  await page.waitForFunction(() => document.querySelector("#plaque-name")!.textContent === "Mona Lisa");
});

test("a persona file is saved, and brought in only by who ticks that it may be used", async () => {
  await page.click("#arrange");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click('a[aria-label="Save Änn <b>of</b> Cleves as a file"]')]);
  assert.equal(download.suggestedFilename(), "old-master.persona");
  const file = join(folder, "old-master.persona");
  await download.saveAs(file);
  await page.click("#gallery-done");
  await page.setInputFiles("#file", file);
  assert.ok(await page.isHidden("#upload-name"), "it brings its name");
  assert.ok(await page.isDisabled("#upload-go"), "without the tick nothing is sent");
  await page.check("#upload-attest");
  await page.click("#upload-go");
  await untilNames("Änn <b>of</b> Cleves", "Mona Lisa", "Änn <b>of</b> Cleves");
  await page.waitForFunction(() => document.querySelector("#picture")!.getAttribute("aria-busy") === "false");

  const torn = join(folder, "torn.persona");
  writeFileSync(torn, readFileSync(file).subarray(0, 5000));
  await upload(torn);
  await page.waitForSelector("#upload-error:not([hidden])");
  assert.match(await page.textContent("#upload-error") ?? "", /ends too early.*\.$/);
  assert.ok(await page.isVisible("#upload-another"));
  await page.click("#upload-cancel");
  assert.equal((await names()).length, 3);
});

test("the strip is one stop for the tabulator, arrows move in it, and Delete asks before it deletes", async () => {
  const stops = await page.evaluate(() => [...document.querySelectorAll<HTMLElement>("#personas button")].filter(({ tabIndex }) => tabIndex === 0).length);
  assert.equal(stops, 1);
  await page.focus('.tile[aria-pressed="true"]');
  await page.keyboard.press("End");
  await page.keyboard.press("Delete");
  await page.waitForSelector("#confirm[open]");
  await page.click('#confirm button[value="no"]');
  assert.equal((await names()).length, 3);
  await page.focus('.tile[tabindex="0"]');
  await page.keyboard.press("Delete");
  await page.click('#confirm button[value="yes"]');
  await untilNames("Änn <b>of</b> Cleves", "Mona Lisa");
});

test("who is not allowed to arrange is told so in the dialog, and it shows what is", async () => {
  await page.route("**/api/personas/order", (route) => route.fulfill({ status: 403, json: { error: { code: "not_allowed", message: "Your token is for something else." } } }));
  await page.click("#arrange");
  await page.click('button[aria-label="Move Mona Lisa up"]');
  await page.waitForSelector("#gallery-error:not([hidden])");
  assert.equal(await page.textContent("#gallery-error"), "Your token is for something else.");
  assert.deepEqual(await names(), ["Änn <b>of</b> Cleves", "Mona Lisa"]);
  await page.unroute("**/api/personas/order");
  await page.click("#gallery-done");
});

test("a background of one's own is there again after a reload, and after the server has forgotten it", async () => {
  const mode = (): Promise<unknown> => page.evaluate(async () =>
    ((await globalThis.gioconda.connection.request("settings"))["settings"] as { background: { mode: string } }).background.mode);
  await page.click("#open-settings");
  await page.setInputFiles("[name=backdrop]", pictureToUpload(folder));
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>("[name=background][value=image]")!.checked);
  await page.waitForTimeout(500);
  assert.equal(await mode(), "image");
  await page.keyboard.press("Escape");
  for (const forget of [false, true]) {
    if (forget) {
      await server.stop();
      await server.start();
    }
    await page.reload();
    await untilLive(page);
    for (let i = 0; i < 50 && await mode() !== "image"; i++) await page.waitForTimeout(100);
    assert.equal(await mode(), "image", forget ? "the server has forgotten it" : "after a reload");
  }
  await page.click("#open-settings");
  assert.ok(await page.isChecked("[name=background][value=image]"));
  await page.check("[name=background][value=original]");
  await page.keyboard.press("Escape");
});

test("a picture with more pixels than the server reads is made smaller in the browser", async () => {
  const before = (await names()).map(String);
  await upload(hugePicture(folder));
  await untilNames(...before, "Huge picture");
  await page.focus('.tile[aria-pressed="true"]');
  await page.keyboard.press("Delete");
  await page.click('#confirm button[value="yes"]');
  await untilNames(...before);
});

test("while the server is away the portrait stays, and one need not wait to try again", async () => {
  await server.stop();
  await untilSaid(page, /trying again/);
  assert.ok(await page.isDisabled("#perform"), "performances are the server's");
  // One whose picture this browser has never seen.
  await page.evaluate(() => (globalThis.gioconda as unknown as { stage: { show(persona: object): void } }).stage
    .show({ id: "never-seen", name: "Nobody", warnings: [], builtin: false }));
  await page.waitForTimeout(500);
  assert.ok(await page.isVisible("#still"), "the last frame stays while there is no other picture");
  assert.ok(await page.evaluate(() => document.querySelector<HTMLImageElement>("#poster")!.naturalWidth > 0), "no broken picture");
  await screenshot(page, "server-away");
  await server.start();
  if (await page.isVisible("#try-now")) await page.click("#try-now", { timeout: 2000 }).catch(() => undefined); // it may have come back by itself
  await untilLive(page);
  assert.ok(await page.isHidden("#try-now"));
  assert.ok(await page.isEnabled("#perform"));
});

test("the page never complained", () => assert.deepEqual(faults, []));
