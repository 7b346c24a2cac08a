/** Several pictures teach a face: dropped, or filmed before a camera; what does not help is told, and nothing leaves before the tick. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { cameraOf, DESKTOP, launch, openPage, pause, PHONE, scratch, screenshot, Server, several, untilLive } from "./harness";

const folder = scratch();
let server: Server;
let browser: Browser;
let page: Page;
let faults: string[];
/** Bodies of requests, by address. */
const sent: { address: string; bytes: number }[] = [];

before(async () => {
  server = await Server.start(folder);
  browser = await launch(cameraOf(folder, "talk-expressive", 14));
  ({ page, faults } = await openPage(browser, server.address));
  page.on("request", (request) => {
    if (request.method() === "POST") sent.push({ address: new URL(request.url()).pathname, bytes: request.postDataBuffer()?.length ?? 0 });
  });
  await untilLive(page);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** This state on a laptop, a phone, and in the system's colours. */
async function looks(state: string): Promise<void> {
  await screenshot(page, `teach-${state}`);
  await page.setViewportSize(PHONE);
  await screenshot(page, `teach-${state}-phone`);
  const fits = await page.evaluate(() => {
    const dialog = document.querySelector("#teach")!;
    return [dialog.scrollWidth - dialog.clientWidth, dialog.getBoundingClientRect().bottom - innerHeight];
  });
  assert.ok(fits[0]! <= 0 && fits[1]! <= 0, `${state}: ${String(fits)}`);
  await page.setViewportSize(DESKTOP);
}

/** Drops files on the page. */
async function drop(files: string[]): Promise<void> {
  const data = files.map((file) => ({ name: basename(file), bytes: readFileSync(file).toString("base64") }));
  await page.evaluate(async (all) => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of all) {
      const picture = await (await fetch(`data:image/jpeg;base64,${bytes}`)).blob();
      transfer.items.add(new File([picture], name, { type: "image/jpeg" }));
    }
    dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
  }, data);
}

function verdicts(): Promise<string[]> {
  return page.evaluate(() => [...document.querySelectorAll("#teach-pictures li")].map((one) =>
    `${one.querySelector(".name")!.textContent}: ${one.querySelector(".verdict")!.textContent}`));
}

/** The server has looked at all of it, and tuned; on a busy machine that takes a while. */
function inReview(): Promise<unknown> {
  return page.waitForSelector("#teach[data-state=review]", { timeout: 150_000 });
}

test("dropped pictures become one portrait; what does not help is told; nothing is sent before the tick", async () => {
  await drop(several(folder));
  await page.waitForFunction(() => document.querySelectorAll("#teach-pictures li").length === 7);
  assert.ok(await page.isDisabled("#teach-go"));
  await page.click('button[aria-label="Leave out lisa brighter.jpg"]');
  await page.fill("#teach-name", "Lisa");
  assert.ok(await page.isDisabled("#teach-go"), "without the tick nothing is sent");
  await looks("gathered");
  assert.deepEqual(sent, []);
  await page.check("#teach-attest");
  await page.click("#teach-go");
  await page.waitForSelector("#teach[data-state=work]");
  await screenshot(page, "teach-work");
  await inReview();
  await looks("review");
  const [lisa, nearer, girl, dark, blurred, grey] = await verdicts();
  assert.match(`${lisa} ${nearer}`, /Shown/);
  for (const [verdict, why] of [[girl, /somebody else/], [dark, /light|dark/], [blurred, /focus/], [grey, /no face/]] as const) {
    assert.match(verdict ?? "", /Left out: /);
    assert.match(verdict ?? "", why);
  }
  assert.deepEqual(sent.map(({ address }) => address), ["/api/personas/views"]);
  await page.waitForFunction(() => document.querySelector("#plaque-name")!.textContent === "Lisa");
  await page.click("#teach-close");
  await page.waitForFunction(() => document.querySelector("#picture")!.getAttribute("aria-busy") === "false");
});

test("cancelled while the server works, nothing is kept, and another upload goes on at once", async () => {
  const kept = readdirSync(join(folder, "gallery"));
  await drop(several(folder));
  await page.waitForFunction(() => document.querySelectorAll("#teach-pictures li").length === 7);
  await page.check("#teach-attest");
  await page.click("#teach-go");
  await page.waitForFunction(() => document.querySelector("#teach-step")!.textContent.startsWith("Looking"));
  await page.click("#teach-stop");
  assert.equal(await page.locator("#teach-pictures li").count(), 7, "what was gathered is still there");
  await pause(1500);
  assert.deepEqual(readdirSync(join(folder, "gallery")), kept);
  await page.keyboard.press("Escape");
});

test("some seconds before the camera: prompts, then the best frames, a mouth that is tuned, and the portrait moves", async (t) => {
  await page.click("#more");
  await page.click("#teach-open");
  await looks("empty");
  await page.click("#teach-camera");
  await page.waitForFunction(() => document.querySelector("#teach-prompt")!.textContent.startsWith("Smile"));
  await looks("filming");
  await page.waitForSelector("#teach[data-state=gather] #teach-pictures li");
  const shots = await page.locator("#teach-pictures li").count();
  const said = await page.textContent("#teach-said") ?? "";
  t.diagnostic(said);
  assert.match(said, / With them go (1[2-9]|[2-4]\d) small ones of your mouth in words/);
  assert.ok(shots >= 3 && shots <= 16, `${shots} pictures`);
  assert.equal(await page.textContent("#camera"), "Start camera", "the camera is off again");
  await looks("filmed");
  const before = sent.length;
  await page.check("#teach-attest");
  await page.click("#teach-go");
  await inReview();
  await looks("filmed-review");
  t.diagnostic((await verdicts()).join("; "));
  assert.ok((await verdicts()).filter((one) => /Shown|Kept/.test(one)).length >= 3);
  const [upload] = sent.slice(before);
  const review = await page.textContent("#teach-said") ?? "";
  t.diagnostic(review);
  assert.match(review, /The mouth is (not )?tuned to this person: /);
  t.diagnostic(`${upload?.bytes ?? 0} bytes were sent`);
  await page.waitForFunction(() => document.querySelector("#plaque-name")!.textContent === "My face");
  await page.click("#teach-close");
  await page.waitForFunction(() => document.querySelector("#picture")!.getAttribute("aria-busy") === "false");
  await untilLive(page);
  await pause(1500);
  await screenshot(page, "teach-driven");
  assert.deepEqual(faults, []);
});

test("a film that is stopped leaves nothing behind, and a camera that is missing is told in the dialog", async () => {
  await page.keyboard.press("t");
  await page.click("#teach-camera");
  await page.waitForFunction(() => document.querySelector("#teach-prompt")!.textContent.startsWith("Look into"));
  await page.click("#teach-stop");
  assert.equal(await page.locator("#teach-pictures li").count(), 0);
  await page.evaluate(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"))));
  await page.click("#teach-camera");
  await page.waitForSelector("#teach-error:not([hidden])");
  assert.match(await page.textContent("#teach-error") ?? "", /No camera was found/);
  await page.keyboard.press("Escape");
});
