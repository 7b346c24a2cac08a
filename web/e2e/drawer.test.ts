/** The drawer "Use it": what it copies, and what its cards say while a real push and a real recording come and go. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { freePort, launch, openPage, pause, scratch, screenshot, Server, untilLive, untilSaid } from "./harness";

const folder = scratch();
const recordings = join(folder, "recordings");
let server: Server;
let browser: Browser;
let page: Page;
let faults: string[];
let listener: ChildProcess | null = null;

before(async () => {
  mkdirSync(recordings);
  server = await Server.start(folder, { GIOCONDA_RECORD_DIR: recordings });
  browser = await launch(null);
  ({ page, faults } = await openPage(browser, server.address));
  await untilLive(page);
  await page.keyboard.press("u");
});

after(async () => {
  listener?.kill("SIGKILL");
  await browser?.close();
  await server?.stop();
});

/** Waits until the line in a card of this kind says so; answers with all that it says. */
async function untilLine(kind: string, words: RegExp): Promise<string> {
  const line = page.locator(`[data-kind=${kind}] .exit p`, { hasText: words });
  await line.waitFor();
  return await line.textContent() ?? "";
}

test("each address and each command can be copied", async () => {
  const name = await page.evaluate(() => globalThis.gioconda.connection.name);
  const copied = async (button: string): Promise<string> => {
    await page.evaluate(() => navigator.clipboard.writeText("nothing"));
    await page.click(`button[aria-label="Copy: ${button}"]`);
    await untilSaid(page, /copied/);
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.equal(await copied("A player that speaks WHEP"), `${server.address}whep/${name}`);
  assert.equal(await copied("The same in 16:9"), `${server.address}view/${name}?aspect=16:9`);
  assert.equal((await fetch(await copied("The same with your voice"))).status, 200);
  await page.click("[data-kind=file] summary");
  assert.equal(await copied("Recording on the server: command"), `gioconda record portrait.mp4 --session ${name}`);
});

test("every program has its way, and says what was tried of it", async () => {
  const ways = page.locator("#use-body details", { has: page.locator("ol") });
  assert.equal(await ways.count(), 11);
  for (const way of await ways.all()) {
    await way.locator("summary").click();
    assert.match(await way.locator(".caption").textContent() ?? "", /was tried|were tried/);
    assert.match(await way.locator(".caption").textContent() ?? "", /not/);
    await way.locator("summary").click();
  }
});

test("its button begins a recording and ends it, and the file is a film", async () => {
  const card = page.locator("[data-kind=file]");
  assert.ok(await card.locator(".none").isVisible());
  await card.locator("button[type=submit]").click();
  const said = await untilLine("file", /Connected.*kbit\/s/);
  assert.match(said, /^Connected\. [1-9]\d* kbit\/s/);
  assert.ok(await card.locator(".none").isHidden());
  const stop = card.locator(".exit button");
  await stop.focus();
  await pause(4500);
  assert.ok(await stop.evaluate((button) => button === document.activeElement), "looking again takes no focus");
  await screenshot(page, "drawer-recording");
  await stop.click();
  await card.locator(".exit").waitFor({ state: "detached" });
  assert.ok(await card.locator(".none").isVisible());
  const file = join(recordings, "portrait.mp4");
  const probe = execFileSync("ffprobe", ["-v", "error", "-select_streams", "v:0", "-count_packets", "-show_entries",
    "stream=codec_name,width,nb_read_packets", "-of", "csv=p=0", file], { encoding: "utf8" });
  const [codec, width, packets] = probe.trim().split(",");
  assert.deepEqual([codec, width], ["h264", "512"]);
  assert.ok(Number(packets) > 30, `${packets} pictures in ${file}`);
});

test("a push says that it is connected, and a sentence once its target has vanished", async () => {
  const port = await freePort();
  const film = join(folder, "arrived.flv");
  listener = spawn("ffmpeg", ["-v", "error", "-listen", "1", "-f", "flv", "-i", `rtmp://127.0.0.1:${port}/app/key`, "-c", "copy", film],
    { stdio: "ignore" });
  await pause(1000); // until it listens: a look at its port would be taken for the one visit that it waits for
  const card = page.locator("[data-kind=rtmp]");
  await card.locator("input[required]").fill(`rtmp://127.0.0.1:${port}/app`);
  await card.locator("input[type=password]").fill("key");
  await card.locator("button[type=submit]").click();
  await untilLine("rtmp", /Connected.*kbit\/s/);
  assert.equal(await card.locator("input[type=password]").inputValue(), "", "the secret does not stay on the page");
  assert.doesNotMatch(await card.locator(".exit code").textContent() ?? "", /key/);
  await screenshot(page, "drawer-push");
  listener.kill("SIGKILL");
  const line = page.locator("[data-kind=rtmp] .exit[data-state=waiting] p");
  await line.waitFor();
  assert.match(await line.textContent() ?? "", /^[A-Z].{10,}\.\s*$/, "a sentence");
  assert.doesNotMatch(await line.textContent() ?? "", /Connected|kbit/);
  await screenshot(page, "drawer-vanished");
  assert.ok(existsSync(film), "something arrived");
  await card.locator(".exit button").click();
  await card.locator(".exit").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => globalThis.gioconda.connection.phase), "live", "the portrait goes on");
});

test("what cannot be opened is refused in a sentence", async () => {
  const card = page.locator("[data-kind=srt]");
  await card.locator("input[required]").fill("gopher://nowhere");
  await card.locator("button[type=submit]").click();
  assert.match(await untilSaid(page, /gopher/), /\.$/);
});

test("what a way out adds is shown beside its rate", async () => {
  await page.route("**/exits", (route) => route.fulfill({ json: { exits: [
    { id: "1", url: "https://host/whip", configured: false, state: "live", message: "", bytes: 1000, added_ms: 17.6 },
  ] } }));
  assert.match(await untilLine("whip", /added/), /^Connected\. .*18 ms added/);
  await page.unroute("**/exits");
});

test("the page never complained", () => assert.deepEqual(faults, []));
