/** A film that somebody has teaches a face: it is read in the browser, of its frames the best are kept, and it goes nowhere. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { cameraOf, launch, openPage, scratch, screenshot, Server } from "./harness";

const skip = process.env["GIOCONDA_LONG"] ? false : "SKIPPED: tries with GIOCONDA_LONG=1";

test("a film that is chosen is read in the browser", { skip }, async (t) => {
  const folder = scratch();
  const film = join(folder, "me.webm");
  execFileSync("ffmpeg", ["-v", "error", "-y", "-i", cameraOf(folder, "talk-expressive", 3), "-c:v", "libvpx", "-deadline", "realtime", "-b:v", "2M", film]);
  const server = await Server.start(folder);
  const browser = await launch(null);
  try {
    const { page, faults } = await openPage(browser, server.address);
    const sent: string[] = [];
    page.on("request", (request) => {
      if (request.method() === "POST") sent.push(request.url());
    });
    await page.setInputFiles("#file", film);
    await page.waitForSelector("#teach[data-state=gather] #teach-pictures li", { timeout: 60_000 });
    t.diagnostic(await page.textContent("#teach-said") ?? "");
    await screenshot(page, "teach-reel");
    assert.match(await page.textContent("#teach-said") ?? "", /^The best \d+ of [34]\d frames are kept/);
    assert.deepEqual(sent, []);
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
    await server.stop();
  }
});
