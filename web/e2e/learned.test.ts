/** The learned layer on the stage: what the switch changes and what it leaves alone, and the divider at the right pixel. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Region } from "./held";
import { launch, openPage, outFolder, pause, PHONE, scratch, screenshot, Server, untilLive, untilSaid } from "./harness";
import { injectHeld } from "./inject";

/** Of the Mona Lisa’s framing: what lies between her lips in the test below, and all that the layer may repaint of her face. */
const MOUTH: Region = [0.41, 0.55, 0.48, 0.578];
const FACE: Region = [0.26, 0.3, 0.62, 0.75];
/** Seconds of a picture: one breath, so that breathing is in all pictures alike. */
const LOOK = 5;

const folder = scratch();
const servers: Server[] = [];
let browser: Browser;
let page: Page;
let faults: string[];

/** A server with this generator and room for a few visitors, whatever this machine is measured to hold. */
async function serve(generator: string): Promise<Server> {
  const server = await Server.start(folder, { GIOCONDA_GENERATORS_USE: generator });
  servers.push(server);
  return server;
}

before(async () => {
  const server = await serve("gioconda-s");
  browser = await launch(null);
  ({ page, faults } = await openPage(browser, server.address));
  await untilLive(page);
});

after(async () => {
  await browser?.close();
  for (const server of servers) await server.stop();
});

const inForce = () => page.evaluate(async () =>
  (await globalThis.gioconda.connection.request("settings"))["settings"] as { learned: boolean; split: number });
const take = (name: string) => page.evaluate(([n, s]) => globalThis.held.take(n, s), [name, LOOK] as const);

async function keep(file: string, a: string, b?: string): Promise<void> {
  const address = await page.evaluate(([x, y]) => globalThis.held.show(x!, y), [a, b]);
  mkdirSync(outFolder, { recursive: true });
  writeFileSync(join(outFolder, `${file}.png`), Buffer.from(address.split(",")[1]!, "base64"));
}

/** Where the divider's line is on the page, and the left edge and width of the video, CSS pixels. */
function places(): Promise<{ line: number; left: number; width: number }> {
  return page.evaluate(() => {
    const line = document.querySelector("#divider")!.getBoundingClientRect();
    const { left, width } = document.querySelector("#live")!.getBoundingClientRect();
    return { line: line.left + line.width / 2, left, width };
  });
}

test("the switch changes the mouth of a portrait that speaks, and nothing away from the face", async (t) => {
  await injectHeld(page);
  await page.click("#more");
  assert.ok(await page.isVisible("#learned"), "a session with a learned layer shows its switch");
  await page.keyboard.press("Escape");
  // A vowel: the mouth is open.
  await page.evaluate(() => globalThis.held.hold("singing", 4));
  await pause(2500);
  for (const round of [1, 2]) {
    await take(`on${round}`);
    if (round === 1) await screenshot(page, "learned-on");
    await page.keyboard.press("g");
    assert.equal(await page.getAttribute("#learned", "aria-pressed"), "false");
    await pause(800);
    await take(`off${round}`);
    if (round === 1) await screenshot(page, "learned-off");
    await page.keyboard.press("g");
    await pause(800);
  }
  await keep("learned-difference", "on1", "off1");
  await keep("learned-noise", "on1", "on2");
  const measured = await page.evaluate(([mouth, face]) => {
    const { difference, worstOutside } = globalThis.held;
    return {
      mouth: difference("on1", "off1", mouth), mouthAgain: difference("on2", "off2", mouth), mouthNoise: difference("on1", "on2", mouth),
      outside: worstOutside("on1", "off1", face), outsideNoise: worstOutside("on1", "on2", face),
    };
  }, [MOUTH, FACE] as const);
  t.diagnostic(JSON.stringify(measured));
  assert.ok(Math.min(measured.mouth, measured.mouthAgain) > 3 + 3 * measured.mouthNoise, "the mouth changes");
  assert.ok(measured.outside < 1.5 + 1.5 * measured.outsideNoise, "nothing changes away from the face");
});

test("the divider stands at the pixel where geometry ends and the learned layer begins", async (t) => {
  await page.keyboard.press("v");
  assert.equal(await page.getAttribute("#compare", "aria-pressed"), "true");
  assert.notEqual(await page.evaluate(() => document.activeElement?.id), "divider", "comparing takes no focus");
  // Into the middle of the mouth.
  const { line, left, width } = await places();
  const y = (await page.locator("#divider .grip").boundingBox())!.y + 10;
  const goal = left + 0.44 * width;
  await page.mouse.move(line, y);
  await page.mouse.down();
  await page.mouse.move(goal, y, { steps: 12 });
  await page.mouse.up();
  const { line: now } = await places();
  assert.ok(Math.abs(now - goal) <= 1, `the line is at ${now}, dragged to ${goal}`);
  await page.mouse.move(5, 5);
  await pause(1000);
  await take("both");
  await screenshot(page, "learned-compare");
  await keep("learned-both", "both");
  const turn = await page.evaluate((mouth) => globalThis.held.turn("both", "off2", "on2", mouth), MOUTH);
  t.diagnostic(`the picture turns at ${turn.toFixed(4)} of its width, the line is at ${((now - left) / width).toFixed(4)}`);
  // The server begins at an even pixel; the codec smears the edge a little.
  assert.ok(Math.abs(turn - (now - left) / width) * 512 <= 3, "the line is where the picture turns");
  const { split } = await inForce();
  assert.ok(Math.abs(left + split * width - now) <= 0.5, `split ${split} is in force`);
});

test("keys move the divider, Escape ends comparing, and focus goes back to the button", async () => {
  await page.focus("#divider");
  const valueText = () => page.getAttribute("#divider", "aria-valuetext");
  await page.keyboard.press("End");
  assert.equal(await valueText(), "before 98 %, after 2 %");
  await page.keyboard.press("PageDown");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await valueText(), "before 87 %, after 13 %");
  await page.keyboard.press("Home");
  const { line, left, width } = await places();
  assert.ok(Math.abs(line - left - 0.02 * width) <= 1);
  await page.keyboard.press("Escape");
  assert.equal(await page.isVisible("#divider"), false);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "more", "its own button is in a closed menu");
  await pause(500);
  assert.equal((await inForce()).split, 0);
});

test("an Escape closes the drawer first and ends comparing next", async () => {
  await page.keyboard.press("v");
  await page.keyboard.press("s");
  assert.match(await page.textContent("#layer-note") ?? "", /finer detail/);
  await page.keyboard.press("Escape");
  assert.equal(await page.isVisible("#settings"), false);
  assert.ok(await page.isVisible("#divider"));
  await page.keyboard.press("Escape");
  assert.equal(await page.isVisible("#divider"), false);
});

test("a fast hand sends the divider's place at most ten times a second, and the last one always", async () => {
  await page.keyboard.press("v");
  await pause(300);
  const sent = await page.evaluate(async () => {
    const { connection } = globalThis.gioconda;
    const original = connection.request.bind(connection);
    const splits: { split: number; at: number }[] = [];
    connection.request = (type, fields) => {
      if (fields && "split" in fields) splits.push({ split: fields.split as number, at: performance.now() });
      return original(type, fields);
    };
    const divider = document.querySelector("#divider")!;
    for (let i = 0; i < 45; i++) {
      divider.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new Promise((resolve) => setTimeout(resolve, 600));
    connection.request = original;
    return splits;
  });
  const seconds = (sent.at(-1)!.at - sent[0]!.at) / 1000;
  assert.ok(sent.length >= 4 && sent.length - 1 <= 10 * seconds + 1, `${sent.length} in ${seconds} s`);
  assert.equal(sent.at(-1)!.split, await page.evaluate(() => globalThis.gioconda.learned.settings.split));
});

test("after a reconnect the session is split and switched as before; after a reload it is only switched", async () => {
  const { split } = await inForce();
  assert.ok(split > 0);
  await page.evaluate(() => globalThis.gioconda.connection.reconnect());
  await untilLive(page);
  await pause(500);
  assert.equal((await inForce()).split, split);
  await page.keyboard.press("g");
  assert.equal(await page.isVisible("#divider"), false, "geometry on both sides is nothing to compare");
  await page.reload();
  await untilLive(page);
  await pause(500);
  assert.equal(await page.getAttribute("#learned", "aria-pressed"), "false");
  const after = await inForce();
  assert.deepEqual([after.learned, after.split], [false, 0]);
  await page.keyboard.press("v");
  assert.equal(await page.getAttribute("#learned", "aria-pressed"), "true", "comparing needs the layer");
  await page.keyboard.press("Escape");
});

test("the latency panel shows the learned layer's part of generating", async () => {
  await page.click("#perform");
  await page.click("#performances button >> nth=0");
  await page.keyboard.press("l");
  await page.waitForFunction(() => (globalThis.gioconda.meter.snapshot().learned?.n ?? 0) > 20);
  const { learned, stages } = await page.evaluate(() => globalThis.gioconda.meter.snapshot());
  assert.ok(learned!.p50 > 0 && learned!.p50 < stages.generate!.p50);
  await page.waitForSelector("tr.part:not([hidden])");
  await screenshot(page, "learned-latency");
  assert.equal((JSON.parse(await page.evaluate(() => globalThis.gioconda.report())) as { generator: string }).generator, "gioconda-s");
  await page.keyboard.press("Escape");
});

test("a finger drags the divider on a phone", async () => {
  await page.setViewportSize(PHONE);
  await page.keyboard.press("v");
  await pause(400);
  const { line, left, width } = await places();
  const y = (await page.locator("#divider .grip").boundingBox())!.y + 10;
  const client = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", x?: number) =>
    client.send("Input.dispatchTouchEvent", { type, touchPoints: x === undefined ? [] : [{ x, y }] });
  await touch("touchStart", line);
  for (let i = 1; i <= 8; i++) await touch("touchMove", line + (i / 8) * 0.3 * width);
  await touch("touchEnd");
  const { line: now } = await places();
  assert.ok(Math.abs(now - line - 0.3 * width) <= 1, `${now} after ${line}`);
  assert.ok(now < left + width);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  await screenshot(page, "learned-phone");
  await page.keyboard.press("Escape");
});

test("a fault of the layer is told once, calmly", async () => {
  await page.evaluate(() => (globalThis.gioconda.connection as unknown as { events: { onEvent(event: object): void } }).events
    .onEvent({ event: "generator_fault" }));
  assert.match(await untilSaid(page, /could not be sharpened/), /plain one stands in/);
  assert.equal(await page.locator("#toasts .bad").count(), 0);
});

test("the page never complained", () => assert.deepEqual(faults, []));

test("a session of geometry alone hides the controls and says why", async () => {
  const server = await serve("mesh");
  const { page: plain, context } = await openPage(browser, server.address);
  await untilLive(plain);
  await plain.click("#more");
  assert.equal(await plain.isVisible("#layer"), false);
  await plain.keyboard.press("Escape");
  await plain.keyboard.press("v");
  const said = await untilSaid(plain, /simple mode/);
  assert.equal(await plain.isVisible("#divider"), false);
  await plain.keyboard.press("s");
  assert.equal(await plain.textContent("#layer-note"), said);
  await screenshot(plain, "learned-none");
  await context.close();
});

test("a server that knows of no learned layer works, without controls", async () => {
  const context = await browser.newContext();
  const old = await context.newPage();
  const sent: string[] = [];
  await old.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const { generator, generator_note, ...rest } = JSON.parse(String(message)) as Record<string, unknown>;
      socket.send(JSON.stringify(rest));
    });
  });
  await old.addInitScript(() => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on each channel below
    const original = RTCDataChannel.prototype.send;
    RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: string) {
      if (this.label === "control") ((globalThis as { sent?: string[] }).sent ??= []).push(data);
      (original as (data: string) => void).call(this, data);
    } as typeof original;
    // Where the machine had no room for the layer at first, ours tells of it once there is; such a server has no words for it.
    const own = Object.getOwnPropertyDescriptor(RTCDataChannel.prototype, "onmessage")!;
    Object.defineProperty(RTCDataChannel.prototype, "onmessage", {
      set(this: RTCDataChannel, handler: (event: MessageEvent) => void) {
        own.set!.call(this, (event: MessageEvent) => String(event.data).includes('"event":"generator"') || handler(event));
      },
    });
  });
  await old.goto(servers[0]!.address);
  await untilLive(old);
  await old.keyboard.press("g");
  await old.keyboard.press("v");
  await old.keyboard.press("m");
  await pause(500);
  sent.push(...await old.evaluate(() => (globalThis as { sent?: string[] }).sent ?? []));
  assert.ok(sent.some((text) => text.includes('"mirror":false')));
  assert.ok(!sent.some((text) => /learned|split/.test(text)), "it is told nothing that it does not know");
  await old.click("#more");
  assert.equal(await old.isVisible("#layer"), false);
  assert.equal(await old.locator("#layer-about").isHidden(), true);
  await context.close();
});
