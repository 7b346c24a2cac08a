/** Entry of the background: who drives, which pages show the camera, what is wrong, and the signalling for pages. */
import { browser, type RuntimePort } from "./browser";
import { DriverLink } from "./drivers";
import { deviceIds, FRESH, loadKept, saveKept, serverAddress } from "./kept";
import {
  DEFAULT_SERVER, type FromPage, type FromPopup, isFromPage, type Kept, type PageState, type PopupState, PORTS, type ToPage,
} from "./messages";
import { Relay } from "./relay";
import { refusal, wordsOf } from "./server";
import { notify, showSigns } from "./signs";
import { isOnFor, type KnownSite, originOf, withSite } from "./sites";
import { VoiceDelay } from "./voicedelay";

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
  private readonly driver = new DriverLink({ onState: (trouble) => this.driverChanged(trouble), onGone: () => this.driverGone() });
  private readonly pages = new Set<Page>();
  private readonly popups = new Set<RuntimePort>();
  private readonly delay = new VoiceDelay();
  private trouble = "";

  constructor() {
    browser.runtime.onConnect.addListener((port) => this.connected(port));
    browser.commands.onCommand.addListener((command) => {
      if (command === "panic") this.driver.post({ type: "panic", on: !this.driver.state?.panic });
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
    const relay = new Relay(() => ({ server: this.now.server, token: this.now.token, session: this.driver.session }),
      (address, init) => (this.now.through ? this.driver.ask(address, init) : fetch(address, init)));
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
    if (this.driver.session !== "") return "";
    const words = await refusal(this.now);
    if (words !== null) return words;
    if (!this.driver.here) await this.driver.show(false);
    return await this.driver.untilLive() ? "" : this.driver.state?.trouble || NOT_DRIVING;
  }

  // The driver.

  private driverCame(port: RuntimePort): void {
    this.driver.came(port);
    void this.kept.then(() => this.tellServer());
  }

  private tellServer(): void {
    this.driver.post({ type: "server", server: this.now.server, token: this.now.token });
  }

  private driverChanged(trouble: string | null): void {
    if (trouble !== null) this.setTrouble(trouble);
    if (this.delay.measured(this.driver.state?.latency ?? 0)) this.tellPages();
    this.tellPopups();
  }

  private driverGone(): void {
    this.tellPopups();
    if ([...this.pages].some(({ using }) => using)) this.setTrouble("Gioconda's own tab was closed: calls show the last picture until it is open again.");
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
        if (message.on && !this.driver.here) await this.driver.show(true);
        break;
      case "show-driver":
        await this.driver.show(true);
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
      case "through":
        // Each viewer ends where it began; the pages come again by themselves.
        for (const { relay } of this.pages) relay.close();
        await this.keep({ through: message.on });
        break;
      case "server": {
        const server = serverAddress(message.server);
        if (server === null) this.setTrouble(`“${message.server}” is no address of a server; write one such as ${DEFAULT_SERVER}`);
        else {
          await this.change({ server, token: message.token });
          this.setTrouble("");
          this.tellServer();
        }
        break;
      }
      case "driver":
        this.driver.post(message.message);
        break;
    }
    this.tellPopups();
  }

  private popupState(): PopupState {
    const pages = [...this.pages].filter(({ using }) => using).map(({ origin, title }) => ({ origin, title }));
    const { token, sites, salt, ...now } = this.now;
    return { ...now, hasToken: token !== "", trouble: this.trouble, driver: this.driver.state, sites: pages, known: sites };
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
