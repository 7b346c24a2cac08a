/** The extension when something is missing: a server, a token, a persona, the only driver. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server as HTTPServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { launchWithExtension, openPopup, ownPage, site, switchOn, untilDriving, untilServed, untilTrouble, useServer } from "./extension";
import { call, far } from "./farside";
import { cameraOf, pause, program, projectRoot, scratch, Server } from "./harness";

const folder = scratch();
let server: Server;
let context: BrowserContext;
let popup: Page;
let driver: Page;
let address: string;
const sites: HTTPServer[] = [];

before(async () => {
  server = await Server.start(folder);
  const plain = await site({ "/": (_, response) => response.end("<!doctype html><title>A call</title>") });
  sites.push(plain.server);
  address = plain.address;
  context = await launchWithExtension(cameraOf(folder, "talk-gentle", 10));
  ({ popup, driver } = await switchOn(context, server.address));
  await untilDriving(driver);
  await untilServed(context, address);
});

after(async () => {
  await context?.close();
  for (const one of sites) one.close();
  await server?.stop();
});

async function open(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${address}/`);
  return page;
}

test("a server that restarts leaves the last picture, and the call goes on by itself", async (t) => {
  const page = await open();
  await call(page);
  assert.equal(await server.stop(), 0, server.said);
  await untilTrouble(popup, /again/);
  await pause(2000);
  const still = await far(page);
  t.diagnostic(`without a server ${still.rate.toFixed(1)} still pictures a second at the far side`);
  assert.ok(still.light > 70, "it went black");
  assert.ok(still.change < 1, `the last picture changes by ${still.change}`);
  assert.equal(await page.evaluate(() => globalThis.call.near.getVideoTracks()[0]!.readyState), "live");
  await server.start();
  await untilDriving(driver);
  const from = Date.now();
  await page.waitForFunction(async () => {
    // A still picture is the same to the last bit but for the codec; one that breathes is not.
    const { video } = globalThis.call;
    const look = (): Uint8ClampedArray => {
      const context = new OffscreenCanvas(64, 36).getContext("2d")!;
      context.drawImage(video, 0, 0, 64, 36);
      return context.getImageData(0, 0, 64, 36).data;
    };
    const first = look();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const now = look();
    return now.reduce((sum, level, i) => sum + Math.abs(level - first[i]!), 0) / now.length > 0.3;
  }, undefined, { timeout: 90_000 });
  t.diagnostic(`the call goes on ${((Date.now() - from) / 1000).toFixed(1)} s after the driver`);
  await popup.waitForFunction(() => !document.querySelector("#words")?.textContent?.includes("again"));
  await page.close();
});

test("without a running Gioconda a sentence is said, and the page has the real camera", async () => {
  await driver.close();
  await server.stop();
  const page = await open();
  assert.match(await call(page), /fake|mjpeg/i);
  await untilTrouble(popup, /does not run: start it/);
  await page.close();
  await server.start();
  const again = await open();
  const came = context.waitForEvent("page", (one) => one.url().endsWith("driver.html"));
  const first = call(again);
  driver = await came; // its tab opens by itself
  await untilDriving(driver);
  await first; // on a slow machine still the real one
  assert.equal(await call(again), "Gioconda");
  await untilTrouble(popup, /^(?!.*does not run)/);
  await again.close();
});

test("of two tabs that drive, the newer does", async () => {
  const page = await open();
  await call(page);
  const second = await context.newPage();
  await second.goto(ownPage("driver.html"));
  await untilDriving(second);
  await driver.waitForFunction(() => document.querySelector("#words")?.textContent?.includes("Another tab"));
  assert.equal(await driver.evaluate(() => globalThis.giocondaDriver?.state().camera), false);
  await driver.close();
  driver = second;
  await pause(4000);
  assert.ok((await far(page, 60)).change > 0.5, "the call goes on with the new one");
  await page.close();
});

test("a persona that is deleted while it is shown stays on, and cannot be picked again", async () => {
  const portrait = join(projectRoot, "configs/monalisa.png");
  const made = await fetch(`${server.address}api/personas?name=Double&attest=true`, { method: "POST", body: readFileSync(portrait) });
  const { persona } = await made.json() as { persona: { id: string } };
  const page = await open();
  await call(page);
  await driver.evaluate((id) => globalThis.giocondaDriver!.take({ type: "persona", id }), persona.id);
  await driver.waitForFunction((id) => globalThis.giocondaDriver!.state().persona === id, persona.id);
  assert.equal((await fetch(`${server.address}api/personas/${persona.id}`, { method: "DELETE" })).status, 204);
  const on = await far(page, 30);
  assert.ok(on.light > 70, JSON.stringify(on));
  await driver.evaluate(() => globalThis.giocondaDriver!.take({ type: "persona", id: "mona-lisa" }));
  await driver.waitForFunction(() => globalThis.giocondaDriver!.state().persona === "mona-lisa");
  await driver.evaluate((id) => globalThis.giocondaDriver!.take({ type: "persona", id }), persona.id);
  await driver.waitForFunction((id) => !globalThis.giocondaDriver!.state().personas.some((one) => one.id === id), persona.id);
  await page.close();
});

test("a server that answers what the extension does not understand is of another version", async () => {
  const other = createServer((request, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(request.url === "/api/personas" ? { personas: "many" } : { version: "99" }));
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  sites.push(other);
  await useServer(popup, `http://localhost:${(other.address() as AddressInfo).port}/`);
  await untilTrouble(popup, /different versions/);
  await useServer(popup, server.address);
  await untilDriving(driver);
});

test("a server that asks for a token takes it from the extension alone; a revoked one is said", async () => {
  const there = scratch();
  const guarded = await Server.start(there, { GIOCONDA_WEB_BEHIND_PROXY: "true" });
  const token = (...args: string[]): string => execFileSync(program, ["token", ...args],
    { cwd: projectRoot, env: { ...process.env, GIOCONDA_GALLERY_DIR: join(there, "gallery") }, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    await useServer(popup, guarded.address);
    await untilTrouble(popup, /asks for a token/);
    const secret = token("create", "--scope", "drive", "--session", "ann");
    const id = token("list").split("\n").at(-1)?.split(/\s/)[0] ?? "";
    await pause(2000); // until the server has looked
    await useServer(popup, guarded.address, secret);
    await untilDriving(driver);
    assert.equal(await driver.evaluate(() => globalThis.giocondaDriver!.state().name), "ann");
    const page = await open();
    assert.equal(await call(page), "Gioconda");
    token("revoke", id);
    await untilTrouble(popup, /token (has ended|is unknown)/);
    await pause(1000);
    assert.ok((await far(page)).light > 70, "the last picture stays");
    await page.close();
  } finally {
    await guarded.stop();
  }
});

test("the popup shows what there is, at once", async () => {
  const fresh = await openPopup(context);
  await fresh.waitForFunction(() => document.querySelector<HTMLInputElement>("[name=server]")!.value !== "");
  assert.equal(await fresh.textContent("#origin"), "chrome-extension://feakilipjgmckfieemaeinolnjfijmod");
});
