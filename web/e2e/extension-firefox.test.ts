/** The extension in Firefox: a temporary add-on, a face that drives, and a call whose far side sees the portrait. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Server as HTTPServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Desktop } from "./desktop";
import { site } from "./extension";
import { call, far, likeness } from "./farside";
import { filmOf, pause, projectRoot, scratch, Server } from "./harness";
import { filmAsCamera } from "./standins";
import { Firefox, type Tab } from "./windowed";

declare const WEB_ROOT: string;

const absent = Desktop.lacks();
const skip = absent.length > 0 ? `SKIPPED: no windows without ${absent.join(" and ")}`
  : spawnSync("which", ["firefox-esr"]).status !== 0 && "SKIPPED: firefox-esr is not installed";

/** Of extension/manifest.mjs; the host of its pages is random in each profile, but for one that is told. */
const ID = "extension@gioconda.live", HOST = randomUUID();
const own = (name: string): string => `moz-extension://${HOST}/${name}`;

const folder = scratch();
let server: Server;
let desktop: Desktop;
let firefox: Firefox;
let popup: Tab;
let driver: Tab;
let plain: { address: string; server: HTTPServer };

before(async () => {
  if (skip) return;
  execFileSync(process.execPath, [join(WEB_ROOT, "extension/build.mjs")], { stdio: "ignore" });
  server = await Server.start(folder, { GIOCONDA_WEB_EXTENSIONS: `["moz-extension://${HOST}"]` });
  plain = await site({ "/": (_, response) => response.end("<!doctype html><title>A call</title>") });
  desktop = await Desktop.start(folder);
  firefox = await Firefox.start(desktop, folder, { "extensions.webextensions.uuids": JSON.stringify({ [ID]: HOST }) },
    ["--remote-allow-system-access"]); // else it goes to no page of an extension
  await firefox.install(join(projectRoot, ".cache/extension/firefox"));
});

after(async () => {
  await firefox?.close();
  desktop?.close();
  plain?.server.close();
  await server?.stop();
});

test("switched on in its popup, its own tab opens and drives", { skip }, async () => {
  popup = await firefox.tab(own("popup.html"));
  await popup.until('document.querySelector("[name=server]").value !== ""');
  await popup.evaluate((address) => {
    document.querySelector<HTMLInputElement>("[name=server]")!.value = address;
    document.querySelector<HTMLButtonElement>("form button")!.click();
  }, server.address);
  await popup.evaluate(() => document.querySelector<HTMLButtonElement>("#on")!.click());
  for (let i = 0; i < 100 && !driver; i++) {
    driver = await firefox.found(own("driver.html")) ?? driver;
    await pause(200);
  }
  await driver.until('globalThis.giocondaDriver?.connection.phase === "live"');
  const film = filmOf(folder, "talk-expressive", 5, 2).toString("base64");
  await driver.run(`${filmAsCamera(film)}.then(() => giocondaDriver.setCamera(true))`);
  await driver.until("giocondaDriver.state().camera && giocondaDriver.state().latency > 0");
});

test("the far side of a call in Firefox sees the portrait move", { skip }, async (t) => {
  const page = await firefox.tab(plain.address);
  let label = "";
  // The first wide picture may take longer to get ready than a page is let wait.
  for (let i = 0; i < 5 && label !== "Gioconda"; i++) label = await call(page);
  assert.equal(label, "Gioconda");
  await pause(2000);
  const seen = await far(page, 60);
  const alike = await likeness(driver, "#portrait", page, "video:last-of-type");
  t.diagnostic(`${seen.rate.toFixed(1)} frames/s at the far side, change ${seen.change.toFixed(2)} of 255, like the portrait by ${alike.toFixed(3)}`);
  assert.ok(seen.change > 0.5 && seen.light > 70, JSON.stringify(seen));
  assert.ok(alike > 0.9, `${alike}`);
  await popup.until(`document.querySelector("#sites").textContent.includes(${JSON.stringify(plain.address)})`);
  await page.close();
});

test("a site that is switched off has its real camera", { skip }, async () => {
  const page = await firefox.tab(plain.address);
  assert.equal(await call(page), "Gioconda");
  await popup.until('document.querySelector("#sites input") !== null');
  await popup.evaluate(() => document.querySelector<HTMLInputElement>("#sites input")!.click());
  for (let i = 0; i < 50; i++) {
    if (await page.evaluate(() => globalThis.call.near.getVideoTracks()[0]!.readyState) === "ended") break;
    await pause(100);
  }
  assert.notEqual(await call(page), "Gioconda");
  await page.close();
});
