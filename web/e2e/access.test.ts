/** Who comes from elsewhere: a link with a token opens the page, and what runs with the token ends with it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launch, openPage, program, projectRoot, scratch, screenshot, Server, untilLive, untilSaid } from "./harness";

const folder = scratch();
let server: Server;
let browser: Browser;
/** Another site: localhost and 127.0.0.1 are two. */
const elsewhere = createServer();

/** Runs `gioconda token` beside the server; what it prints, and the id that it names beside. */
function token(...args: string[]): string {
  const env = { ...process.env, GIOCONDA_GALLERY_DIR: join(folder, "gallery") };
  return execFileSync(program, ["token", ...args], { cwd: projectRoot, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

/** Makes a token; its id stands in the last line of the list. */
function create(...args: string[]): { secret: string; id: string } {
  const secret = token("create", ...args);
  const id = token("list").split("\n").at(-1)?.split(/\s/)[0] ?? "";
  return { secret, id };
}

before(async () => {
  // As behind a proxy, loopback lets nobody in by itself.
  server = await Server.start(folder, { GIOCONDA_WEB_BEHIND_PROXY: "true" });
  browser = await launch(null);
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
});

after(async () => {
  elsewhere.close();
  await browser?.close();
  await server?.stop();
});

test("without a token the page says what to do, and goes on once another window has one", async () => {
  const { context, page } = await openPage(browser, server.address);
  await untilSaid(page, /asks for a token/);
  const wrong = await context.newPage();
  const answer = await wrong.goto(`${server.address}?token=AAAAAAAAAAAAAAAAAAAAAA`);
  assert.deepEqual([answer?.status(), (await answer?.text())?.includes("expired or revoked")], [401, true]);
  const { secret } = create("--scope", "drive", "--expires", "1h");
  await wrong.waitForTimeout(2000); // until the server has looked
  await wrong.goto(`${server.address}?token=${secret}`);
  await page.bringToFront();
  await untilLive(page);
  await context.close();
});

test("a link on another site leads in; the token leaves the address, and scripts do not see it", async () => {
  const { secret, id } = create("--scope", "drive", "--session", "ann");
  elsewhere.on("request", (_, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><a href="${server.address}?token=${secret}">Be Mona</a>`);
  });
  const { port } = elsewhere.address() as AddressInfo;
  const { context, page, faults } = await openPage(browser, `http://127.0.0.1:${port}/`);
  await page.waitForTimeout(2000); // as above
  await page.click("a");
  await untilLive(page);
  assert.equal(page.url(), server.address);
  assert.match(await untilSaid(page, /others find this portrait as ann/), /Your token says so/);
  const cookie = (await context.cookies()).find(({ name }) => name.startsWith("gioconda-"));
  assert.deepEqual([cookie?.value, cookie?.httpOnly, cookie?.sameSite], [secret, true, "Strict"]);
  const seen = await page.evaluate(() => [document.cookie, JSON.stringify(localStorage), document.referrer].join(" "));
  assert.ok(!seen.includes(secret), seen);
  assert.deepEqual(faults, []);

  const from = Date.now();
  token("revoke", id);
  await untilSaid(page, /token (has ended|is unknown)/);
  assert.ok(Date.now() - from < 3000, `told after ${Date.now() - from} ms`);
  assert.equal(await page.evaluate(() => globalThis.gioconda.connection.phase === "live"), false);
  await untilSaid(page, /unknown, expired or revoked/);
  await context.close();
});

test("a viewer's link shows the picture, and nothing else, for as long as its token is good", async () => {
  const driver = create("--scope", "drive", "--session", "bob");
  const viewer = create("--scope", "view", "--session", "bob");
  await new Promise((resolve) => setTimeout(resolve, 2000)); // as above
  const { context, page } = await openPage(browser, `${server.address}?token=${driver.secret}`);
  await untilLive(page);
  const other = await openPage(browser, `${server.address}view/bob?token=${viewer.secret}`);
  await other.page.waitForFunction(() => window.giocondaView?.showing === true);
  assert.equal(other.page.url(), `${server.address}view/bob`);
  const [config, drive] = await other.page.evaluate(async (origin) => {
    const opened = new Promise<boolean>((resolve) => {
      const socket = new WebSocket(`${origin.replace("http", "ws")}ws`);
      socket.onopen = () => resolve(true);
      socket.onclose = () => resolve(false);
    });
    return [(await fetch(`${origin}api/config`)).status, await opened] as const;
  }, server.address);
  assert.deepEqual([config, drive], [403, false]);
  token("revoke", viewer.id);
  await other.page.waitForFunction(() => window.giocondaView?.showing === false);
  await other.page.waitForSelector("#words:text('expired or revoked')");
  assert.equal(await page.evaluate(() => globalThis.gioconda.connection.phase), "live", "the driver goes on");
  await other.context.close();
  await context.close();
});

test("who may decide makes a link in the settings, and ends it there", async () => {
  const { secret } = create("--scope", "admin");
  await new Promise((resolve) => setTimeout(resolve, 2000)); // as above
  const { context, page, faults } = await openPage(browser, `${server.address}?token=${secret}`);
  await untilLive(page);
  await page.click("#open-settings");
  await page.selectOption("#access [name=scope]", "view");
  await page.fill("#access [name=session]", "carol");
  await page.fill("#access [name=label]", "Carol <b>of</b> OBS");
  await page.click("#access [type=submit]");
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>("#access-link")?.value !== "");
  const link = await page.inputValue("#access-link");
  assert.match(link, /\/view\/carol\?token=[\w-]{22}$/);
  assert.equal((await fetch(link)).status, 200);
  const line = page.locator(".tokens li", { hasText: "Carol <b>of</b> OBS" });
  assert.match((await line.textContent()) ?? "", /view, session carol, 30 days/);
  await screenshot(page, "access");
  await line.locator("button").click();
  await line.waitFor({ state: "detached" });
  assert.equal((await fetch(link)).status, 401, "at once");
  assert.deepEqual(faults, []);
  await context.close();
  const { secret: drive } = create("--scope", "drive");
  await new Promise((resolve) => setTimeout(resolve, 2000)); // as above
  const other = await openPage(browser, `${server.address}?token=${drive}`);
  await untilLive(other.page);
  await other.page.click("#open-settings");
  await other.page.waitForSelector("#settings:not([hidden])");
  await other.page.waitForTimeout(500); // until the server has refused the list
  assert.equal(await other.page.isVisible("#access"), false);
  await other.context.close();
});
