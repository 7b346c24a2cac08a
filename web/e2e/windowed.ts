/** Browsers with windows of their own, driven without pretending that their pages are always seen. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { Desktop } from "./desktop";
import { pause } from "./harness";

/** How a page stops being seen. */
export type Hiding = "behind a tab" | "minimised" | "covered";

export interface Windowed {
  /** The page under test, in a window that can be seen. before runs ahead of the page's own scripts. */
  open(address: string, before?: string): Promise<void>;
  /** Value of an expression in the page, awaited. */
  evaluate(expression: string): Promise<unknown>;
  hide(how: Hiding): Promise<void>;
  /** Undoes the last hide. */
  show(): Promise<void>;
  close(): Promise<void>;
}

type Params = Record<string, unknown>;

/** Numbered requests and their answers; events are not looked at. */
class Requests {
  private nextId = 1;
  private readonly pending = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();

  constructor(private readonly post: (text: string) => void) {}

  /** T is what the protocol says of this method's answer. */
  send<T = unknown>(method: string, params: Params = {}, more: Params = {}): Promise<T> {
    const id = this.nextId++;
    return new Promise<T>((resolve, reject) => {
      this.pending.set(id, { resolve: (answer) => resolve(answer as T), reject });
      this.post(JSON.stringify({ id, method, params, ...more }));
    });
  }

  receive(text: string): void {
    const { id, result, error, message } = JSON.parse(text) as { id?: number; result?: unknown; error?: unknown; message?: string };
    const request = this.pending.get(id ?? 0);
    if (id === undefined || !request) return;
    this.pending.delete(id);
    if (error) request.reject(new Error(`${JSON.stringify(error)} ${message ?? ""}`));
    else request.resolve(result);
  }
}

const BIG = { left: 0, top: 0, width: 1390, height: 970 };
const SMALL = { left: 60, top: 60, width: 1000, height: 700 };

/** Chromium over its debugging pipe: Playwright would tell every page that it is seen. */
export class Chromium implements Windowed {
  private readonly requests: Requests;
  private page = { targetId: "", sessionId: "" };
  private undo: () => Promise<unknown> = () => Promise.resolve();

  private constructor(private readonly child: ChildProcess) {
    const [, , , down, up] = child.stdio as unknown as Duplex[];
    this.requests = new Requests((text) => down!.write(`${text}\0`));
    let rest = "";
    up!.on("data", (bytes) => {
      const parts = (rest + String(bytes)).split("\0");
      rest = parts.pop() ?? "";
      for (const part of parts) this.requests.receive(part);
    });
  }

  /** camera is a film that its camera shows. */
  static start(desktop: Desktop, folder: string, camera: string): Chromium {
    return new Chromium(spawn(process.env["CHROMIUM"] ?? "/usr/bin/chromium", [
      "--remote-debugging-pipe", `--user-data-dir=${join(folder, "chromium")}`, "--no-sandbox", "--disable-gpu", "--disable-quic",
      "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
      "--autoplay-policy=no-user-gesture-required", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-video-capture=${camera}`, "about:blank",
    ], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], env: { ...process.env, DISPLAY: desktop.display } }));
  }

  async open(address: string, before = ""): Promise<void> {
    this.page = await this.target("about:blank", true);
    await this.place(this.page.targetId, SMALL);
    await this.inPage("Page.enable");
    await this.inPage("Page.addScriptToEvaluateOnNewDocument", { source: before });
    await this.inPage("Page.navigate", { url: address });
  }

  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.inPage<{ result: { value?: unknown }; exceptionDetails?: unknown }>(
      "Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  async hide(how: Hiding): Promise<void> {
    const { targetId } = this.page;
    if (how === "minimised") {
      await this.place(targetId, { windowState: "minimized" });
      this.undo = () => this.place(targetId, { windowState: "normal" });
      return;
    }
    await this.requests.send("Target.activateTarget", { targetId });
    const other = await this.target("about:blank", how === "covered");
    if (how === "covered") await this.place(other.targetId, BIG);
    await this.requests.send("Target.activateTarget", { targetId: other.targetId });
    this.undo = () => this.requests.send("Target.closeTarget", { targetId: other.targetId });
  }

  async show(): Promise<void> {
    await this.undo();
    await this.requests.send("Target.activateTarget", { targetId: this.page.targetId });
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill();
    await ended;
  }

  private async target(url: string, newWindow: boolean): Promise<{ targetId: string; sessionId: string }> {
    const { targetId } = await this.requests.send<{ targetId: string }>("Target.createTarget", { url, newWindow });
    const { sessionId } = await this.requests.send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
    return { targetId, sessionId };
  }

  private async place(targetId: string, bounds: Params): Promise<void> {
    const { windowId } = await this.requests.send<{ windowId: number }>("Browser.getWindowForTarget", { targetId });
    await this.requests.send("Browser.setWindowBounds", { windowId, bounds });
  }

  private inPage<T = unknown>(method: string, params: Params = {}): Promise<T> {
    return this.requests.send<T>(method, params, { sessionId: this.page.sessionId });
  }
}

/** A page of a windowed browser, used as Playwright's are. */
export class Tab {
  /** run gives an expression's value, awaited. */
  constructor(readonly run: (expression: string) => Promise<unknown>, readonly close: () => Promise<unknown>) {}

  async evaluate<R, A>(pageFunction: (argument: A) => R | Promise<R>, argument?: A): Promise<R> {
    return await this.run(`(${String(pageFunction)})(${JSON.stringify(argument) ?? ""})`) as R;
  }

  /** Waits until an expression holds. */
  async until(expression: string): Promise<void> {
    for (let i = 0; i < 300; i++) {
      if (await this.run(expression)) return;
      await pause(200);
    }
    throw new Error(`this never came true: ${expression}`);
  }
}

/** Firefox as it is installed, over WebDriver BiDi. */
export class Firefox implements Windowed {
  private context = "";
  private undo: () => Promise<unknown> = () => Promise.resolve();

  private constructor(private readonly child: ChildProcess, private readonly requests: Requests) {}

  /** Its camera is the browser's own test picture; more are further preferences, also further arguments. */
  static async start(desktop: Desktop, folder: string, more: Record<string, boolean | number | string> = {}, also: string[] = []): Promise<Firefox> {
    const profile = join(folder, "firefox");
    mkdirSync(profile, { recursive: true });
    const prefs = {
      "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true, "media.autoplay.default": 0,
      "datareporting.policy.dataSubmissionEnabled": false, "browser.shell.checkDefaultBrowser": false, "app.update.enabled": false,
      "browser.startup.page": 0, "browser.aboutwelcome.enabled": false, ...more,
    };
    writeFileSync(join(profile, "user.js"), Object.entries(prefs).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`).join(""));
    const child = spawn(process.env["FIREFOX"] ?? "firefox-esr", ["--no-remote", "--profile", profile, "--remote-debugging-port=0", ...also, "about:blank"],
      { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, DISPLAY: desktop.display, HOME: folder, MOZ_CRASHREPORTER_DISABLE: "1" } });
    const address = await new Promise<string>((resolve, reject) => {
      let said = "";
      child.stderr.on("data", (text) => {
        said += String(text);
        const [, found] = /BiDi listening on (ws:\S+)/.exec(said) ?? [];
        if (found) resolve(found);
      });
      child.once("exit", () => reject(new Error(`Firefox did not start:\n${said}`)));
    });
    const socket = new WebSocket(`${address}/session`);
    const requests = new Requests((text) => socket.send(text));
    socket.onmessage = ({ data }) => requests.receive(String(data));
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`Firefox does not answer at ${address}`));
    });
    await requests.send("session.new", { capabilities: {} });
    return new Firefox(child, requests);
  }

  async open(address: string, before = ""): Promise<void> {
    if (before) await this.requests.send("script.addPreloadScript", { functionDeclaration: `() => {${before}}` });
    this.context = await this.create({ type: "window" });
    await this.requests.send("browsingContext.navigate", { context: this.context, url: address, wait: "complete" });
  }

  evaluate(expression: string): Promise<unknown> {
    return this.evaluateIn(this.context, expression);
  }

  /** Another page, in a window of its own. */
  async tab(url: string): Promise<Tab> {
    const context = await this.create({ type: "window" });
    await this.requests.send("browsingContext.navigate", { context, url, wait: "complete" });
    return new Tab((expression) => this.evaluateIn(context, expression), () => this.requests.send("browsingContext.close", { context }));
  }

  /** The page with this address that the browser has opened by itself; null while there is none. */
  async found(url: string): Promise<Tab | null> {
    const { contexts } = await this.requests.send<{ contexts: { context: string; url: string }[] }>("browsingContext.getTree");
    const context = contexts.find((one) => one.url === url)?.context;
    return context === undefined ? null
      : new Tab((expression) => this.evaluateIn(context, expression), () => this.requests.send("browsingContext.close", { context }));
  }

  /** Installs an extension from its folder until the browser ends. */
  async install(path: string): Promise<void> {
    await this.requests.send("webExtension.install", { extensionData: { type: "path", path } });
  }

  private async evaluateIn(context: string, expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.requests.send<{ result?: { value?: string }; exceptionDetails?: { text: string } }>(
      "script.evaluate", { expression: `(async () => JSON.stringify(await (${expression})))()`, target: { context }, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result?.value === undefined ? undefined : JSON.parse(result.value);
  }

  async hide(how: Hiding): Promise<void> {
    if (how === "minimised") {
      await this.state(this.context, "minimized");
      this.undo = () => this.state(this.context, "normal");
      return;
    }
    const context = await this.create(how === "covered" ? { type: "window" } : { type: "tab", referenceContext: this.context });
    await this.requests.send("browsingContext.activate", { context });
    this.undo = () => this.requests.send("browsingContext.close", { context });
    if (how === "covered") await this.state(context, "maximized");
  }

  async show(): Promise<void> {
    await this.undo();
    await this.requests.send("browsingContext.activate", { context: this.context });
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    await Promise.race([this.requests.send("browser.close").catch(() => undefined), pause(3000)]);
    this.child.kill();
    await ended;
  }

  private async create(params: Params): Promise<string> {
    return (await this.requests.send<{ context: string }>("browsingContext.create", params)).context;
  }

  private async state(root: string, state: "minimized" | "maximized" | "normal"): Promise<void> {
    const { contexts: [found] } = await this.requests.send<{ contexts: { clientWindow: string }[] }>("browsingContext.getTree", { root });
    await this.requests.send("browser.setClientWindowState", { clientWindow: found?.clientWindow, state });
  }
}
