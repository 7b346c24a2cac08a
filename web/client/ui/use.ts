/** The drawer "Use it": every way out of the page, with what to copy or press, and what runs now. */
import { type Exit, exitText, getExits, startExit, stopExit } from "../exits";
import { byId, make } from "./dom";

/** Milliseconds between looks at what runs, while the drawer is open. */
const LOOK_EVERY = 2000;

/** A way out that the server opens: what its URL and its secret look like. */
interface Kind {
  title: string;
  say: string;
  example: string;
  secret: string;
}

const KINDS: readonly Kind[] = [
  { title: "YouTube, Twitch and others (RTMP)", say: "Paste the server's address and your stream key.", example: "rtmps://host/app", secret: "Stream key" },
  { title: "SRT", say: "For an SRT listener, such as OBS or a broadcast encoder.", example: "srt://host:9000?streamid=ID", secret: "Passphrase" },
  { title: "WHIP", say: "For servers that take WebRTC: Cloudflare, MediaMTX, go2rtc, Broadcast Box.", example: "https://host/whip", secret: "Bearer token" },
  { title: "LiveKit", say: "Joins a room as a participant of its own.", example: "livekit://host/room?identity=portrait", secret: "KEY:SECRET, or an access token" },
  { title: "Recording", say: "A file in the server's recording folder.", example: "file:portrait.mp4", secret: "" },
];

export class UsePanel {
  private readonly body = byId("use-body", HTMLElement);
  private readonly running = make("div", { class: "running", role: "status" });
  private seen = new Map<string, Exit>();
  private looked = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** name gives the session's; say shows a sentence. */
  constructor(private readonly name: () => string, private readonly say: (text: string) => void) {}

  setOpen(open: boolean): void {
    clearInterval(this.timer);
    if (!open) return;
    this.fill();
    void this.look();
    this.timer = setInterval(() => void this.look(), LOOK_EVERY);
  }

  private fill(): void {
    const view = new URL(`view/${this.name()}`, location.href).href;
    const whep = new URL(`whep/${this.name()}`, location.href).href;
    this.body.replaceChildren(
      this.copyCard("OBS, vMix and other browser sources", "Add a browser source with this address, 720 by 720 pixels.", view),
      this.copyCard("The same with a transparent background", "Real transparency: whatever lies below in the scene shows through.", `${view}?alpha=1`),
      this.copyCard("The same in 16:9", "1280 by 720; the picture goes on to both sides.", `${view}?aspect=16:9`),
      this.copyCard("A player that speaks WHEP", "Up to 64 may watch at once, all of one encoder.", whep),
      ...KINDS.map((kind) => this.startCard(kind)),
      make("h3", {}, "Running now"), this.running,
      make("p", { class: "caption" }, "From another device each address needs ?token= with a token of its scope: gioconda token create --scope view."),
    );
  }

  private copyCard(title: string, say: string, address: string): HTMLElement {
    const field = make("input", { readonly: true, value: address, "aria-label": title });
    field.onfocus = () => field.select();
    const copy = make("button", { type: "button", class: "quiet" }, "Copy");
    copy.onclick = () => void navigator.clipboard.writeText(address).then(() => this.say("Copied."), () => field.select());
    return card(title, say, row(field, copy));
  }

  private startCard({ title, say, example, secret }: Kind): HTMLElement {
    const address = make("input", { placeholder: example, "aria-label": `${title}: address`, required: true, spellcheck: "false", autocomplete: "off" });
    if (!secret) address.value = example;
    const key = make("input", { type: "password", placeholder: secret, "aria-label": `${title}: ${secret}`, autocomplete: "off" });
    const start = make("button", { type: "submit", class: "quiet" }, "Start");
    const form = make("form");
    form.append(row(address, start));
    if (secret) form.append(key);
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.start(address.value.trim(), key, start);
    };
    return card(title, say, form);
  }

  private async start(url: string, key: HTMLInputElement, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    try {
      await startExit(this.name(), url, key.value);
      key.value = "";
      await this.look();
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
    } finally {
      button.disabled = false;
    }
  }

  /** Shows what runs. One that cannot be asked for, such as with a token for driving alone, shows why. */
  private async look(): Promise<void> {
    try {
      const exits = await getExits(this.name());
      const now = performance.now();
      const seconds = (now - this.looked) / 1000;
      this.running.replaceChildren(...(exits.length > 0 ? exits.map((exit) => this.line(exit, seconds)) : [make("p", {}, "Nothing.")]));
      this.seen = new Map(exits.map((exit) => [exit.id, exit]));
      this.looked = now;
    } catch (error) {
      this.running.replaceChildren(make("p", { class: "error" }, error instanceof Error ? error.message : String(error)));
    }
  }

  private line(exit: Exit, seconds: number): HTMLElement {
    const stop = make("button", { type: "button", class: "quiet" }, exit.state === "ended" ? "Remove" : "Stop");
    stop.onclick = () => void stopExit(this.name(), exit.id).then(() => this.look(), (error: unknown) => this.say(String(error)));
    const text = exitText(exit, this.seen.get(exit.id), seconds);
    return make("div", { class: "exit", "data-state": exit.state }, make("code", {}, exit.url), make("span", {}, text), stop);
  }
}

function card(title: string, say: string, ...rest: HTMLElement[]): HTMLElement {
  return make("section", { class: "card" }, make("h3", {}, title), make("p", {}, say), ...rest);
}

function row(...parts: HTMLElement[]): HTMLElement {
  return make("div", { class: "row" }, ...parts);
}
