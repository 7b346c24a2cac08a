/** The drawer "Use it": every way out of the page, with what to copy or press, and what runs now. */
import { type Exit, type ExitKind, getExits, kindOf, startExit, stopExit } from "../exits";
import { byId, make } from "./dom";
import { ExitLine } from "./exitline";
import { RECIPES } from "./recipes";

/** Milliseconds between looks at what runs, while the drawer is open. */
const LOOK_EVERY = 2000;

/** A way out that the server opens: what its URL and its secret look like, and what a terminal would say. */
interface Kind {
  kind: ExitKind;
  title: string;
  say: string;
  example: string;
  secret: string;
  command: (session: string) => string;
}

const push = (address: string, secret = " --token-file key.txt") => (session: string): string =>
  `gioconda push ${address}${secret} --session ${session}`;

const KINDS: readonly Kind[] = [
  {
    kind: "rtmp", title: "YouTube, Twitch and others (RTMP)", say: "Paste the server’s address and your stream key.",
    example: "rtmps://host/app", secret: "Stream key", command: push("rtmps://HOST/APP"),
  },
  {
    kind: "srt", title: "SRT", say: "For an SRT listener, such as OBS or a broadcast encoder.",
    example: "srt://host:9000?streamid=ID", secret: "Passphrase", command: push("srt://HOST:9000?streamid=ID"),
  },
  {
    kind: "whip", title: "WHIP", say: "For servers that take WebRTC: Cloudflare, MediaMTX, go2rtc, Broadcast Box.",
    example: "https://host/whip", secret: "Bearer token", command: push("https://HOST/whip"),
  },
  {
    kind: "livekit", title: "LiveKit", say: "Joins a room as a participant of its own.",
    example: "livekit://host/room?identity=portrait", secret: "KEY:SECRET, or an access token",
    command: push("livekit", " --url wss://HOST --key KEY --secret SECRET --room ROOM"),
  },
  {
    kind: "file", title: "Recording on the server", say: "A file in the server’s recording folder.", example: "file:portrait.mp4", secret: "",
    command: (session) => `gioconda record portrait.mp4 --session ${session}`,
  },
];

export class UsePanel {
  private readonly body = byId("use-body", HTMLElement);
  /** Why what runs cannot be shown, such as to a token for driving alone. */
  private readonly problem = make("p", { class: "error", role: "status", hidden: true });
  private readonly places = new Map<ExitKind, { lines: HTMLElement; none: HTMLElement }>();
  private readonly lines = new Map<string, ExitLine>();
  private shownFor: string | null = null;
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

  /** Writes the cards. What was typed into them stays while the session has its name. */
  private fill(): void {
    if (this.shownFor === this.name()) return;
    this.shownFor = this.name();
    this.lines.clear();
    const view = new URL(`view/${this.name()}`, location.href).href;
    const whep = new URL(`whep/${this.name()}`, location.href).href;
    this.body.replaceChildren(
      this.problem, recipes(),
      this.copyCard("OBS, vMix and other browser sources", "Add a browser source with this address, 720 by 720 pixels.", view),
      this.copyCard("The same with a transparent background", "Real transparency: whatever lies below in the scene shows through.", `${view}?alpha=1`),
      this.copyCard("The same in 16:9", "1280 by 720; the picture goes on to both sides.", `${view}?aspect=16:9`),
      this.copyCard("The same with your voice", "Your microphone, in step with the lips.", `${view}?sound=1`),
      this.copyCard("A player that speaks WHEP", "Up to 64 may watch at once, all of one encoder.", whep),
      ...KINDS.map((kind) => this.startCard(kind)),
      make("p", { class: "caption" }, "From another device each address needs ?token= with a token of its scope: gioconda token create --scope view."),
    );
  }

  private copyCard(title: string, say: string, address: string): HTMLElement {
    return card(title, say, this.copyRow(title, address));
  }

  /** A text to take away by its button. */
  private copyRow(title: string, text: string): HTMLElement {
    const field = make("input", { readonly: true, value: text, "aria-label": title });
    field.onfocus = () => field.select();
    const copy = make("button", { type: "button", class: "quiet", "aria-label": `Copy: ${title}` }, "Copy");
    copy.onclick = () => void navigator.clipboard.writeText(text).then(() => this.say("Copied."), () => field.select());
    return row(field, copy);
  }

  private startCard({ kind, title, say, example, secret, command }: Kind): HTMLElement {
    const address = make("input", { placeholder: example, "aria-label": `${title}: address`, required: true, spellcheck: "false", autocomplete: "off" });
    if (!secret) address.value = example;
    const key = make("input", { type: "password", placeholder: secret, "aria-label": `${title}: ${secret}`, autocomplete: "off" });
    const start = make("button", { type: "submit", class: "quiet", "aria-label": `Start: ${title}` }, "Start");
    const form = make("form");
    form.append(row(address, start));
    if (secret) form.append(key);
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.start(address.value.trim(), key, start);
    };
    const place = { lines: make("div"), none: make("p", { class: "none" }, "Not connected.") };
    this.places.set(kind, place);
    const terminal = make("details", {}, make("summary", {}, "From a terminal"), this.copyRow(`${title}: command`, command(this.name())));
    const made = card(title, say, form, place.lines, place.none, terminal);
    made.dataset["kind"] = kind;
    return made;
  }

  private async start(url: string, key: HTMLInputElement, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    try {
      await startExit(this.name(), url, key.value);
      key.value = "";
      await this.look();
    } catch (error) {
      this.complain(error);
    } finally {
      button.disabled = false;
    }
  }

  private complain(error: unknown): void {
    this.say(error instanceof Error ? error.message : String(error));
  }

  /** Shows what runs, each in the card of its kind. */
  private async look(): Promise<void> {
    try {
      this.show(await getExits(this.name()));
      this.problem.hidden = true;
    } catch (error) {
      this.problem.textContent = error instanceof Error ? error.message : String(error);
      this.problem.hidden = false;
    }
  }

  private show(exits: Exit[]): void {
    const now = performance.now();
    for (const [id, line] of this.lines) {
      if (exits.some((exit) => exit.id === id)) continue;
      line.root.remove();
      this.lines.delete(id);
    }
    for (const exit of exits) {
      const line = this.lines.get(exit.id) ?? this.addLine(exit);
      line.update(exit, (now - this.looked) / 1000);
    }
    for (const { lines, none } of this.places.values()) none.hidden = lines.childElementCount > 0;
    this.looked = now;
  }

  private addLine({ id, url }: Exit): ExitLine {
    const line = new ExitLine(() => void stopExit(this.name(), id).then(() => this.look(), (error: unknown) => this.complain(error)));
    this.lines.set(id, line);
    this.places.get(kindOf(url))?.lines.append(line.root);
    return line;
  }
}

/** One program after another, closed until it is asked for. */
function recipes(): HTMLElement {
  return card("In your calls and streams", "How to get there from here, and how far each way was tried.",
    ...RECIPES.map(({ program, steps, tried }) => make("details", {}, make("summary", {}, program),
      make("ol", {}, ...steps.map((step) => make("li", {}, step))), make("p", { class: "caption" }, tried))));
}

function card(title: string, say: string, ...rest: HTMLElement[]): HTMLElement {
  return make("section", { class: "card" }, make("h3", {}, title), make("p", {}, say), ...rest);
}

function row(...parts: HTMLElement[]): HTMLElement {
  return make("div", { class: "row" }, ...parts);
}
