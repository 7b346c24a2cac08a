/** Entry of the background: who drives, which pages show the camera, what is wrong, and the signalling for pages. */
import { parse, shape } from "../client/common/json";
import { type Fault, isFault } from "../client/common/problem";
import { browser, type RuntimePort } from "./browser";
import { deviceIds, loadKept, saveKept, serverAddress } from "./kept";
import {
  DEFAULT_SERVER, type DriverState, type FromPage, type FromPopup, isFromPage, type Kept, type PageState, type PopupState, PORTS, type ToDriver, type ToPage,
} from "./messages";
import { Relay } from "./relay";
import { VoiceDelay } from "./voicedelay";

/** Milliseconds: for the server to say that it is there, and for a driver to be live. */
const SERVER_LIMIT = 3000;
const DRIVER_LIMIT = 12_000;
const NOT_RUNNING = "Gioconda does not run: start it (gioconda serve), then choose its camera again. The site has the real camera now.";
const NOT_DRIVING = "Gioconda's own tab has no portrait yet: look there. The site has the real camera now.";

/** A page that has something to do with the camera. */
interface Page {
  port: RuntimePort;
  origin: string;
  title: string;
  using: boolean;
}

class Background {
  private kept: Promise<Kept> = loadKept();
  private now: Kept = { on: false, server: DEFAULT_SERVER, token: "", salt: "" };
  private driver: { port: RuntimePort; state: DriverState | null } | null = null;
  private readonly pages = new Set<Page>();
  private readonly popups = new Set<RuntimePort>();
  private readonly waiting = new Set<() => void>();
  private readonly delay = new VoiceDelay();
  private trouble = "";

  constructor() {
    void this.kept.then((kept) => (this.now = kept));
    browser.runtime.onConnect.addListener((port) => this.connected(port));
    browser.commands.onCommand.addListener((command) => {
      if (command === "panic") this.driver?.port.postMessage({ type: "panic", on: !this.driver.state?.panic } satisfies ToDriver);
    });
  }

  private connected(port: RuntimePort): void {
    if (port.name === PORTS.page) this.pageCame(port);
    // These two are pages of the extension's own: a site cannot open such a port.
    else if (!this.isOwn(port)) port.disconnect();
    else if (port.name === PORTS.driver) this.driverCame(port);
    else if (port.name === PORTS.popup) this.popupCame(port);
  }

  private isOwn({ sender }: RuntimePort): boolean {
    return sender?.url?.startsWith(browser.runtime.getURL("")) ?? false;
  }

  // Pages.

  private pageCame(port: RuntimePort): void {
    const { origin, url = "", tab } = port.sender ?? {};
    const page: Page = { port, origin: origin ?? originOf(url), title: tab?.title ?? "", using: false };
    const relay = new Relay(() => ({ server: this.now.server, token: this.now.token, session: this.driver?.state?.live ? this.driver.state.name : "" }));
    this.pages.add(page);
    port.onMessage.addListener((message) => {
      if (isFromPage(message)) void this.fromPage(page, relay, message);
    });
    port.onDisconnect.addListener(() => {
      this.pages.delete(page);
      this.tellPopups();
      relay.close();
    });
  }

  private async fromPage(page: Page, relay: Relay, message: FromPage): Promise<void> {
    const answer = (content: Omit<ToPage & { type: "answer" }, "type" | "id">): void => {
      if ("id" in message) this.post(page.port, { type: "answer", id: message.id, ...content });
    };
    await this.kept;
    switch (message.type) {
      case "state":
        answer({ state: await this.stateFor(page) });
        break;
      case "open": {
        const words = await this.ready();
        if (words === "") this.setTrouble("");
        answer(words === "" ? {} : { words });
        break;
      }
      case "whep": {
        const whep = await relay.request(message);
        if (whep.status === 401 || whep.status === 403) this.setTrouble(wordsOf(whep.body));
        answer({ whep });
        break;
      }
      case "using":
        page.using = message.live;
        this.tellPopups();
        break;
      case "trouble":
        this.setTrouble(message.words);
        break;
    }
  }

  private async stateFor({ origin }: Page): Promise<PageState> {
    // The server's own page tracks the real face: given the portrait it would drive itself.
    const on = this.now.on && origin !== new URL(this.now.server).origin;
    return { on, ...await deviceIds(this.now.salt, origin), delay: this.delay.millis };
  }

  /** Makes sure that somebody drives; "" or a sentence that says why nobody does. */
  private async ready(): Promise<string> {
    if (this.driver?.state?.live) return "";
    const refusal = await this.serverRefuses();
    if (refusal !== null) return refusal;
    if (!this.driver) await this.showDriver(false);
    const live = await this.untilLive();
    return live ? "" : this.driver?.state?.trouble || NOT_DRIVING;
  }

  /** Why the server cannot be used, null where it can. */
  private async serverRefuses(): Promise<string | null> {
    const { server, token } = this.now;
    try {
      const answer = await fetch(`${server}api/config`, {
        headers: token ? { Authorization: `Bearer ${token}` } : {}, credentials: "omit", signal: AbortSignal.timeout(SERVER_LIMIT),
      });
      return answer.ok ? null : wordsOf(await answer.text());
    } catch {
      return NOT_RUNNING;
    }
  }

  private untilLive(): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (live: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(live);
      };
      const look = (): void => {
        if (this.driver?.state?.live) done(true);
      };
      const timer = setTimeout(() => done(false), DRIVER_LIMIT);
      this.waiting.add(look);
      look();
    });
  }

  // The driver.

  private driverCame(port: RuntimePort): void {
    if (this.driver) this.post(this.driver.port, { type: "over" } satisfies ToDriver);
    const driver: NonNullable<Background["driver"]> = { port, state: null };
    this.driver = driver;
    void this.kept.then(({ server, token }) => this.post(port, { type: "server", server, token } satisfies ToDriver));
    port.onMessage.addListener((message) => {
      if (this.driver !== driver) return;
      const before = driver.state?.trouble ?? "";
      driver.state = message as DriverState; // from a page of our own
      if (driver.state.trouble !== before) this.setTrouble(driver.state.trouble);
      if (this.delay.measured(driver.state.latency)) this.tellPages();
      for (const look of [...this.waiting]) look();
      this.tellPopups();
    });
    port.onDisconnect.addListener(() => {
      if (this.driver !== driver) return;
      this.driver = null;
      this.tellPopups();
      if ([...this.pages].some(({ using }) => using)) this.setTrouble("Gioconda's own tab was closed: calls show the last picture until it is open again.");
    });
  }

  private async showDriver(active: boolean): Promise<void> {
    const tab = this.driver?.port.sender?.tab?.id;
    if (tab === undefined) await browser.tabs.create({ url: browser.runtime.getURL("driver.html"), active });
    else if (active) await browser.tabs.update(tab, { active: true });
  }

  // The popup.

  private popupCame(port: RuntimePort): void {
    this.popups.add(port);
    port.onDisconnect.addListener(() => this.popups.delete(port));
    port.onMessage.addListener((message) => void this.fromPopup(message as FromPopup)); // from a page of our own
    void this.kept.then(() => this.post(port, this.popupState()));
  }

  private async fromPopup(message: FromPopup): Promise<void> {
    switch (message.type) {
      case "on":
        await this.change({ on: message.on });
        this.setTrouble("");
        if (message.on && !this.driver) await this.showDriver(true);
        break;
      case "show-driver":
        await this.showDriver(true);
        break;
      case "server": {
        const server = serverAddress(message.server);
        if (server === null) this.setTrouble(`“${message.server}” is no address of a server; write one such as ${DEFAULT_SERVER}`);
        else {
          await this.change({ server, token: message.token });
          this.setTrouble("");
          if (this.driver) this.post(this.driver.port, { type: "server", server, token: message.token } satisfies ToDriver);
        }
        break;
      }
      case "driver":
        if (this.driver) this.post(this.driver.port, message.message);
        break;
    }
    this.tellPopups();
  }

  private popupState(): PopupState {
    const sites = [...this.pages].filter(({ using }) => using).map(({ origin, title }) => ({ origin, title }));
    return { on: this.now.on, server: this.now.server, hasToken: this.now.token !== "", trouble: this.trouble, driver: this.driver?.state ?? null, sites };
  }

  // What is common.

  private async change(what: Partial<Kept>): Promise<void> {
    this.now = { ...await this.kept, ...what };
    this.kept = Promise.resolve(this.now);
    await saveKept(this.now);
    for (const { id } of await browser.tabs.query({})) {
      if (id !== undefined) void browser.tabs.sendMessage(id, "changed").catch(() => undefined); // many have no script of ours
    }
  }

  private setTrouble(words: string): void {
    if (words === this.trouble) return;
    this.trouble = words;
    void browser.action.setBadgeText({ text: words ? "!" : "" });
    void browser.action.setBadgeBackgroundColor({ color: "#b3261e" });
    void browser.action.setTitle({ title: words || "Gioconda" });
    if (words) {
      const options = { type: "basic", iconUrl: browser.runtime.getURL("icon-128.png"), title: "Gioconda", message: words } as const;
      void browser.notifications.create("trouble", options).catch(() => undefined);
    }
    this.tellPopups();
  }

  private tellPages(): void {
    for (const page of this.pages) {
      if (page.using) void this.stateFor(page).then((state) => this.post(page.port, { type: "state", state } satisfies ToPage));
    }
  }

  private tellPopups(): void {
    const state = this.popupState();
    for (const port of this.popups) this.post(port, state);
  }

  private post(port: RuntimePort, message: object): void {
    try {
      port.postMessage(message);
    } catch {
      // It has gone; onDisconnect says so too.
    }
  }
}

/** A server's own words for people, or some where it has none. */
function wordsOf(body: string): string {
  return parse(body, shape<{ error: Fault }>({ error: isFault }))?.error.message ?? "The server does not let this extension in.";
}

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return "null";
  }
}

new Background();
