/** The latency panel: figures, stacked stages, a plot over time, and the report to take away. */
import { make, offer, setPressed } from "./dom";
import { type Stage, STAGE_NAMES, STAGES } from "../latency/ledger";
import type { Meter, Snapshot } from "../latency/meter";
import { drawPlot, LEARNED_COLOR, STAGE_COLORS } from "./plot";
import type { Spread } from "../latency/series";

const REFRESH_MILLIS = 250;

/** Causes of drops as the user reads them; what the server adds is shown by its own name. */
const DROP_NAMES: Record<string, string> = {
  skipped: "camera frames replaced by newer ones", buffered: "held back, channel full", unseen: "drawn, but not observed",
  malformed: "malformed at the server", stale: "came too late", rate: "too many a second", overwritten: "replaced by newer at the server",
  decoder: "dropped by the decoder", packets: "video packets lost",
};

export interface PanelEvents {
  onPlayoutDelay(on: boolean): void;
  onMarker(on: boolean): void;
  /** The whole report as JSON text. */
  report(): string;
  say(text: string): void;
}

export class LatencyPanel {
  private readonly tiles: Record<"drawn" | "capture" | "glass" | "fps" | "rtt" | "bitrate" | "tracker" | "sound", HTMLElement>;
  private readonly segments: Record<Stage, HTMLElement>;
  private readonly learnedSegment = segment("Learned layer", LEARNED_COLOR);
  private readonly plot = make("canvas", { class: "plot", role: "img", "aria-label": "Milliseconds of each frame over the last ten seconds" });
  private readonly rows: Record<Stage, HTMLTableRowElement>;
  private readonly learned = row("of it, the learned layer", LEARNED_COLOR);
  private readonly total: HTMLTableRowElement;
  private readonly drops = make("tbody");
  private readonly playout = make("button", { type: "button", class: "quiet small", title: "Ask the browser to draw each frame at once" }, "Playout delay 0");
  private readonly nothing = make("p", { class: "caption", hidden: true }, "Start the camera, or play a performance, to see numbers.");
  private readonly drawing = make("p", { class: "caption" });
  private readonly marker = make("button", { type: "button", class: "quiet small", title: "A code in the camera’s picture comes back in the portrait" }, "Glass-to-glass marker");
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(body: HTMLElement, private readonly meter: Meter, private readonly events: PanelEvents) {
    const tile = (name: string, headline = false): [HTMLElement, HTMLElement] => {
      const value = make("dd", {}, "–");
      return [make("div", headline ? { class: "headline" } : {}, make("dt", {}, name), value), value];
    };
    const list = {
      drawn: tile("Landmark sent to frame drawn", true), capture: tile("Camera to drawn"), glass: tile("Glass to glass"),
      rtt: tile("Round trip"), fps: tile("Frames/s in · out"), bitrate: tile("Video bitrate"),
      tracker: tile("Tracker"), sound: tile("Picture after sound"),
    };
    this.tiles = Object.fromEntries(Object.entries(list).map(([key, [, value]]) => [key, value])) as typeof this.tiles;
    this.rows = Object.fromEntries(STAGES.map((stage) => [stage, row(STAGE_NAMES[stage], STAGE_COLORS[stage])])) as typeof this.rows;
    this.total = row("Sent to drawn");
    this.segments = Object.fromEntries(STAGES.map((stage) => [stage, segment(STAGE_NAMES[stage], STAGE_COLORS[stage])])) as typeof this.segments;
    this.learned.className = "part";
    body.append(
      this.nothing,
      make("dl", { class: "tiles" }, ...Object.values(list).map(([box]) => box)),
      make("div", { class: "stack", "aria-hidden": "true" }, ...this.inOrder(this.segments, this.learnedSegment)), this.plot,
      make("p", { class: "caption" }, "Displayed frames of the last ten seconds. Server times are put on this browser’s clock by the fastest ping, so uplink and network may be off by half of it."),
      this.drawing,
      table(["Milliseconds", "p50", "p95", "max"], make("tbody", {}, ...this.inOrder(this.rows, this.learned), this.total)),
      make("div", { class: "panel-actions" }, this.playout, this.marker),
      table(["Dropped since the page was opened", "frames"], this.drops),
      this.actions(),
    );
    this.playout.onclick = () => events.onPlayoutDelay(this.playout.getAttribute("aria-pressed") !== "true");
    this.marker.onclick = () => events.onMarker(this.marker.getAttribute("aria-pressed") !== "true");
  }

  setPlayoutDelay(on: boolean): void {
    setPressed(this.playout, on);
  }

  /** What draws the portrait, in the words of who built it. */
  setDrawing(text: string): void {
    this.drawing.textContent = text;
  }

  setMarker(on: boolean): void {
    setPressed(this.marker, on);
  }

  setOpen(open: boolean): void {
    clearInterval(this.timer);
    if (!open) return;
    this.refresh();
    this.timer = setInterval(() => this.refresh(), REFRESH_MILLIS);
  }

  private actions(): HTMLElement {
    const copy = make("button", { type: "button", class: "secondary small" }, "Copy report");
    const download = make("button", { type: "button", class: "quiet small" }, "Download");
    copy.onclick = async () => {
      try {
        await navigator.clipboard.writeText(this.events.report());
        this.events.say("The report is on the clipboard.");
      } catch {
        this.events.say("This browser keeps the clipboard to itself; use Download instead.");
      }
    };
    download.onclick = () => offer(new Blob([this.events.report()], { type: "application/json" }), `gioconda-latency-${Date.now()}.json`);
    return make("div", { class: "panel-actions" }, copy, download);
  }

  private refresh(): void {
    const s = this.meter.snapshot();
    this.nothing.hidden = s.sentToDrawn !== null;
    this.tiles.drawn.replaceChildren(...spreadText(s.sentToDrawn));
    this.tiles.capture.replaceChildren(...spreadText(s.captureToDrawn, false));
    this.tiles.glass.replaceChildren(...spreadText(s.glassToGlass, false));
    this.tiles.fps.replaceChildren(`${s.fps.sent.toFixed(0)} · ${s.fps.shown.toFixed(0)}`, make("small", {}, s.fps.most ? ` of ${s.fps.most}` : ""));
    this.tiles.rtt.textContent = Number.isFinite(s.rtt.path) ? `${millis(s.rtt.path)} ms` : "–";
    this.tiles.bitrate.replaceChildren((s.bitrate.received / 1e6).toFixed(2), make("small", {}, " Mbit/s"));
    this.tiles.tracker.replaceChildren(...spreadText(s.tracker.total, false));
    this.tiles.sound.replaceChildren(...(s.pictureAfterSound === null ? ["–"] : [millis(s.pictureAfterSound), make("small", {}, " ms")]));
    this.refreshStages(s);
    this.drops.replaceChildren(...Object.entries(s.drops).map(([cause, count]) => {
      const line = row(DROP_NAMES[cause] ?? cause);
      line.append(make("td", {}, String(count)));
      return line;
    }));
    drawPlot(this.plot, this.meter.ledger.traces, performance.now());
  }

  private refreshStages({ stages, learned, sentToDrawn }: Snapshot): void {
    const part = learned?.p50 ?? 0;
    for (const stage of STAGES) {
      fillRow(this.rows[stage], stages[stage]);
      setShare(this.segments[stage], (stages[stage]?.p50 ?? 0) - (stage === "generate" ? part : 0));
    }
    this.learned.hidden = this.learnedSegment.hidden = !learned;
    fillRow(this.learned, learned);
    setShare(this.learnedSegment, part);
    fillRow(this.total, sentToDrawn);
  }

  /** What stands for each stage, with what stands for the learned layer after the stage that holds it. */
  private inOrder(parts: Record<Stage, HTMLElement>, learned: HTMLElement): HTMLElement[] {
    return STAGES.flatMap((stage) => (stage === "generate" ? [parts[stage], learned] : [parts[stage]]));
  }
}

function row(name: string, color?: string): HTMLTableRowElement {
  const head = make("th", { scope: "row" });
  if (color) head.append(make("i", { style: `background:${color}`, "aria-hidden": "true" }));
  head.append(name);
  return make("tr", {}, head);
}

function segment(name: string, color: string): HTMLElement {
  return make("span", { style: `background:${color}`, title: name });
}

function setShare(segment: HTMLElement, millis: number): void {
  segment.style.flex = `${Math.max(0, millis)} 0 0`;
}

function table(heads: string[], body: HTMLElement): HTMLElement {
  return make("table", { class: "figures" },
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), body);
}

function fillRow(line: HTMLTableRowElement, spread: Spread | null): void {
  const cells = spread ? [spread.p50, spread.p95, spread.max].map(millis) : ["–", "–", "–"];
  line.replaceChildren(...[...line.children].slice(0, 1), ...cells.map((text) => make("td", {}, text)));
}

function millis(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 1 : 0);
}

function spreadText(spread: Spread | null, long = true): (Node | string)[] {
  if (!spread) return ["–"];
  const rest = long ? ` ms · p95 ${millis(spread.p95)} · max ${millis(spread.max)}` : " ms";
  return [millis(spread.p50), make("small", {}, rest)];
}
