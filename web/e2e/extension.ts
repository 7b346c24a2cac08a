/** What tests of the extension need: Chromium with it loaded, and sites of their own. */
import { createServer, type IncomingMessage, type Server as HTTPServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import type { Driver } from "../extension/driver/driver";
import { execFileSync } from "node:child_process";
import { freePort, projectRoot } from "./harness";

declare const WEB_ROOT: string;
declare global {
  var giocondaDriver: Driver | null;
}

/** Of the key in extension/manifest.mjs. */
const ID = "feakilipjgmckfieemaeinolnjfijmod";
export const ownPage = (name: string): string => `chrome-extension://${ID}/${name}`;

/** Builds it, and opens Chromium with it; camera is a film, also are further arguments; change may change what was built. */
export async function launchWithExtension(camera: string | null, also: string[] = [], change?: (built: string) => void): Promise<BrowserContext> {
  execFileSync(process.execPath, [join(WEB_ROOT, "extension/build.mjs")], { stdio: "ignore" });
  const built = join(projectRoot, ".cache/extension/chromium");
  change?.(built);
  const context = await chromium.launchPersistentContext("", {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", headless: false, ignoreDefaultArgs: ["--disable-extensions"],
    args: [...also, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
      "--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream",
      `--load-extension=${built}`, "--disable-features=DisableLoadExtensionCommandLineSwitch",
      ...(camera ? ["--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${camera}`] : ["--use-fake-device-for-media-stream=device-count=0"])],
  });
  context.setDefaultTimeout(40_000);
  try {
    if (context.serviceWorkers().length === 0) await context.waitForEvent("serviceworker");
  } catch (error) {
    await context.close(); // a browser that nobody closes keeps the tests from ending
    throw error;
  }
  return context;
}

/** The popup, as a page. */
export async function openPopup(context: BrowserContext): Promise<Page> {
  const popup = await context.newPage();
  await popup.goto(ownPage("popup.html"));
  return popup;
}

/** Has the extension use a server. */
export async function useServer(popup: Page, address: string, token = ""): Promise<void> {
  if (!await popup.isVisible("[name=server]")) await popup.click("summary:text-is('Server')");
  await popup.fill("[name=server]", address);
  await popup.fill("[name=token]", token);
  await popup.click("form button");
  await popup.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await popup.waitForFunction((want) => document.querySelector<HTMLInputElement>("[name=server]")!.value === want, address);
}

/** Has the extension use the server, and switches the camera on: its own tab opens, which drives. */
export async function switchOn(context: BrowserContext, address: string): Promise<{ popup: Page; driver: Page }> {
  const popup = await openPopup(context);
  await useServer(popup, address);
  const opened = context.waitForEvent("page", (page) => page.url().endsWith("driver.html"));
  await popup.click("#on");
  return { popup, driver: await opened };
}

/**
 * Asks for a camera until it is ours: the first time the server makes the wide picture ready, and on a busy machine that takes
 * longer than a page is let wait.
 */
export async function untilServed(context: BrowserContext, address: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForFunction(async () => {
    const [track] = (await navigator.mediaDevices.getUserMedia({ video: true })).getVideoTracks();
    track?.stop();
    return track?.label === "Gioconda";
  }, undefined, { timeout: 120_000, polling: 500 });
  await page.close();
}

/** Waits until the popup says so. */
export async function untilTrouble(popup: Page, words: RegExp): Promise<void> {
  await popup.waitForFunction((source) => new RegExp(source).test(document.querySelector("#words")?.textContent ?? ""), words.source, { polling: 100 });
}

export async function untilDriving(driver: Page): Promise<void> {
  await driver.waitForFunction(() => globalThis.giocondaDriver?.connection.phase === "live");
}

/** What a path answers with. */
export type Paths = Record<string, (request: IncomingMessage, response: ServerResponse) => void>;

/** A site of the tests; its address has no slash at its end. host may be localhost, which is another site than 127.0.0.1. */
export async function site(paths: Paths, host: "localhost" | "127.0.0.1" = "localhost"): Promise<{ address: string; server: HTTPServer }> {
  const server = createServer((request, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    const path = new URL(request.url ?? "/", "http://x").pathname;
    const answer = paths[path];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { address: `http://${host}:${(server.address() as AddressInfo).port}`, server };
}
