/** Entry of the background: who drives, which pages show the camera, what is wrong, and the signalling for pages. */
import { browser, type RuntimePort } from "./browser";
import { deviceIds, FRESH, loadKept, saveKept, serverAddress } from "./kept";
import {
  DEFAULT_SERVER, type DriverState, type FromPage, type FromPopup, isFromPage, type Kept, type PageState, type PopupState, PORTS, type ToDriver, type ToPage,
} from "./messages";
import { Relay } from "./relay";
import { refusal, wordsOf } from "./server";
import { notify, showSigns } from "./signs";
import { isOnFor, type KnownSite, originOf, withSite } from "./sites";
import { VoiceDelay } from "./voicedelay";

/** Milliseconds for a driver to be live. */
const DRIVER_LIMIT = 12_000;
const NOT_DRIVING = "Gioconda's own tab has no portrait yet: look there. The site has the real camera now.";

/** A page that has something to do with the camera. */
interface Page {
  port: RuntimePort;
  origin: string;
  title: string;
  using: boolean;
  relay: Relay;
}

class Background {
  private now = FRESH;
  /** Resolves once now is what was kept. */
  private readonly kept = loadKept().then((kept) => void (this.now = kept));
  private driver: { port: RuntimePort; state: DriverState | null } | null = null;
  private readonly pages = new Set<Page>();
  private readonly popups = new Set<RuntimePort>();
  private readonly waiting = new Set<() => void>();
  private readonly delay = new VoiceDelay();
  private trouble = "";

  constructor() {
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
    const relay = new Relay(() => ({ server: this.now.server, token: this.now.token, session: this.driver?.state?.live ? this.driver.state.name : "" }));
    const page: Page = { port, origin: origin ?? originOf(url), title: tab?.title ?? "", using: false, relay };
    this.pages.add(page);
    port.onMessage.addListener((message) => {
      if (isFromPage(message)) void this.fromPage(page, message);
    });
    port.onDisconnect.addListener(() => {
      this.pages.delete(page);
      this.usesChanged();
      relay.close();
    });
  }

  private async fromPage(page: Page, message: FromPage): Promise<void> {
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
        // What was a page's that the user has switched off since may end, and nothing else.
        const whep = this.isFor(page) || message.method === "DELETE" ? await page.relay.request(message) : { status: 0, headers: {}, body: "" };
        if (whep.status === 401 || whep.status === 403) this.setTrouble(wordsOf(whep.body));
        answer({ whep });
        break;
      }
      case "using":
        page.using = message.live && this.isFor(page);
        if (page.using) await this.meet(page, true);
        this.usesChanged();
        break;
      case "asks":
        if (this.now.on && !this.isServers(page)) await this.meet(page, false);
        break;
      case "trouble":
        this.setTrouble(message.words);
        break;
    }
  }

  private async stateFor(page: Page): Promise<PageState> {
    return { on: this.isFor(page), ...await deviceIds(this.now.salt, page.origin), delay: this.delay.millis };
  }

  /** Whether a page gets the portrait. */
  private isFor(page: Page): boolean {
    const { on, sites, newSites } = this.now;
    return on && !this.isServers(page) && isOnFor(sites, page.origin, newSites);
  }

  /** The server's own page tracks the real face: given the portrait it would drive itself. */
  private isServers({ origin }: Page): boolean {
    return origin === new URL(this.now.server).origin;
  }

  /** A site asked for a camera: the first time that is remembered, and said. */
  private async meet({ origin }: Page, on: boolean): Promise<void> {
    if (this.now.sites.some((site) => site.origin === origin)) return;
    await this.keep({ sites: withSite(this.now.sites, { origin, on }) });
    const what = on ? "has the portrait as its camera now. A click on Gioconda's icon shows a switch" : "asked for a camera and has the real one. A click on Gioconda's icon gives it the portrait";
    notify("site", `${origin} ${what}.`);
    this.tellPopups();
  }

  /** Makes sure that somebody drives; "" or a sentence that says why nobody does. */
  private async ready(): Promise<string> {
    if (this.driver?.state?.live) return "";
    const words = await refusal(this.now);
    if (words !== null) return words;
    if (!this.driver) await this.showDriver(false);
    return await this.untilLive() ? "" : this.driver?.state?.trouble || NOT_DRIVING;
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
        else if (this.driver?.state?.refused) done(false);
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
    void this.kept.then(() => this.post(port, { type: "server", server: this.now.server, token: this.now.token } satisfies ToDriver));
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
    await this.kept;
    switch (message.type) {
      case "on":
        await this.change({ on: message.on });
        this.setTrouble("");
        if (message.on && !this.driver) await this.showDriver(true);
        break;
      case "show-driver":
        await this.showDriver(true);
        break;
      case "site":
        await this.change({ sites: withSite(this.now.sites, { origin: message.origin, on: message.on }) });
        break;
      case "new-sites":
        await this.change({ newSites: message.on });
        break;
      case "forget-sites":
        await this.change({ sites: this.usedSites() });
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
    const pages = [...this.pages].filter(({ using }) => using).map(({ origin, title }) => ({ origin, title }));
    const { on, server, token, sites, newSites } = this.now;
    return { on, server, hasToken: token !== "", trouble: this.trouble, driver: this.driver?.state ?? null, sites: pages, known: sites, newSites };
  }

  // What is common.

  private async keep(what: Partial<Kept>): Promise<void> {
    this.now = { ...this.now, ...what };
    await saveKept(this.now);
  }

  /** Keeps what pages have to hear of. */
  private async change(what: Partial<Kept>): Promise<void> {
    await this.keep(what);
    for (const page of this.pages) if (!this.isFor(page)) page.relay.close();
    for (const { id } of await browser.tabs.query({})) {
      if (id !== undefined) void browser.tabs.sendMessage(id, "changed").catch(() => undefined); // many have no script of ours
    }
  }

  private setTrouble(words: string): void {
    if (words === this.trouble) return;
    this.trouble = words;
    this.showSigns();
    if (words) notify("trouble", words);
    this.tellPopups();
  }

  private usesChanged(): void {
    this.showSigns();
    this.tellPopups();
  }

  private showSigns(): void {
    showSigns(this.trouble, this.usedSites().length);
  }

  /** Those that show the portrait now. */
  private usedSites(): KnownSite[] {
    const origins = new Set([...this.pages].filter(({ using }) => using).map(({ origin }) => origin));
    return this.now.sites.filter(({ origin }) => origins.has(origin));
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

new Background();
