/** The background's end of the way to the driver: the tab that tracks, of which there is one at a time. */
import type { Fetch } from "../client/view/whep";
import { browser, type RuntimePort } from "./browser";
import type { DriverState, FromDriver, ToDriver, WhepAnswer } from "./messages";

/** Milliseconds: for a driver to be live; for it to answer for a page. */
const LIVE_LIMIT = 12_000;
const ANSWER_LIMIT = 10_000;

export interface DriverLinkEvents {
  /** What it tells has changed; trouble is what it newly complains of, "" where that is over, null where nothing changed. */
  onState(trouble: string | null): void;
  onGone(): void;
}

export class DriverLink {
  state: DriverState | null = null;
  private port: RuntimePort | null = null;
  private readonly waiting = new Set<() => void>();
  private readonly asked = new Map<number, (answer: WhepAnswer) => void>();
  private next = 1;

  constructor(private readonly events: DriverLinkEvents) {}

  get here(): boolean {
    return this.port !== null;
  }

  /** Of the session, "" while there is none. */
  get session(): string {
    return this.state?.live ? this.state.name : "";
  }

  /** Another one takes the place of the one before. */
  came(port: RuntimePort): void {
    this.post({ type: "over" });
    this.port = port;
    this.state = null;
    port.onMessage.addListener((message) => {
      if (this.port === port) this.take(message as FromDriver); // from a page of our own
    });
    port.onDisconnect.addListener(() => {
      if (this.port !== port) return;
      this.port = this.state = null;
      this.events.onGone();
    });
  }

  post(message: ToDriver): void {
    try {
      this.port?.postMessage(message);
    } catch {
      // It has gone; onDisconnect says so too.
    }
  }

  /** Opens its tab, or brings it to the front. */
  async show(active: boolean): Promise<void> {
    const tab = this.port?.sender?.tab?.id;
    if (tab === undefined) await browser.tabs.create({ url: browser.runtime.getURL("driver.html"), active });
    else if (active) await browser.tabs.update(tab, { active: true });
  }

  /** Whether it is live within the time that a page can be let wait. */
  untilLive(): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (live: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(live);
      };
      const look = (): void => {
        if (this.state?.live) done(true);
        else if (this.state?.refused) done(false);
      };
      const timer = setTimeout(() => done(false), LIVE_LIMIT);
      this.waiting.add(look);
      look();
    });
  }

  /** Has the driver answer for the server, from its own tab. */
  readonly ask: Fetch = async (address, { method = "GET", body }) => {
    if (!this.port) throw new TypeError("nobody drives");
    const id = this.next++;
    const { status, headers, body: text } = await new Promise<WhepAnswer>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.asked.delete(id);
        reject(new TypeError("the driver does not answer"));
      }, ANSWER_LIMIT);
      this.asked.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.post({ type: "viewer", id, method, path: new URL(address).pathname, body: typeof body === "string" ? body : "" });
    });
    return new Response(status === 204 ? null : text, { status, headers });
  };

  private take(message: FromDriver): void {
    if (message.type === "answer") {
      this.asked.get(message.id)?.(message.whep);
      this.asked.delete(message.id);
      return;
    }
    const before = this.state?.trouble ?? "";
    this.state = message.state;
    for (const look of [...this.waiting]) look();
    this.events.onState(message.state.trouble === before ? null : message.state.trouble);
  }
}
