/** Owns everything that is measured: one snapshot of it feeds the panel, the report and the tests. */
import { nowMicros, toMicros } from "../common/clock";
import { ClockSync } from "../net/clocksync";
import type { Connection } from "../net/connection";
import type { Report } from "../net/messages";
import type { TrackerReady, TrackResult } from "../tracker/messages";
import { Display } from "./display";
import { Ledger, type Stage } from "./ledger";
import { type NetStats, NetStatsReader } from "./netstats";
import { Series, type Spread } from "./series";

const PING_EVERY = 2000;
/** Pings at the start come fast, so that the first frames already have a clock. */
const FIRST_PINGS = 5;
const FAST_PING = 100;

export interface Snapshot {
  /** ISO time. */
  at: string;
  /** Milliseconds over the last ten seconds; null where nothing was measured. */
  sentToDrawn: Spread | null;
  captureToDrawn: Spread | null;
  glassToGlass: Spread | null;
  stages: Record<Stage, Spread | null>;
  /** The learned layer's part of the stage "generate". */
  learned: Spread | null;
  tracker: { backend: string; copy: Spread | null; crop: Spread | null; network: Spread | null; total: Spread | null };
  /** Frames a second: camera frames tracked, samples sent, frames generated, frames displayed, and how many the server draws at most. */
  fps: { tracked: number; sent: number; generated: number; shown: number; most: number };
  drops: Record<string, number>;
  /** bit/s: the encoder's target and what arrived. */
  bitrate: { target: number; received: number };
  /** Milliseconds that pictures leave the server later than the sound of the same moment; null without a microphone. */
  pictureAfterSound: number | null;
  /** Milliseconds: path and control channel. */
  rtt: { path: number; ping: number };
  net: NetStats | null;
}

export class Meter {
  readonly clock = new ClockSync();
  readonly ledger = new Ledger(this.clock, toMicros);
  readonly display: Display;
  private readonly netReader = new NetStatsReader();
  private readonly tracked = { copy: new Series(), crop: new Series(), network: new Series(), total: new Series() };
  private readonly sentSeries = new Series();
  private readonly shownSeries = new Series();
  /** Code of a marker modulo the length: when it was drawn, microseconds. */
  private readonly markers = new Float64Array(512);
  private net: NetStats | null = null;
  private serverDrops: Record<string, number> = {};
  /** When the newest frame of the newest report was sent; reports may overtake each other. */
  private reported = 0;
  private target = 0;
  private generated = 0;
  private most = 0;
  private pictureAfterSound: number | null = null;
  private backend = "";
  private skipped = 0;
  private buffered = 0;
  private pings = 0;

  constructor(video: HTMLVideoElement, private readonly connection: Connection) {
    this.display = new Display(video, {
      onShown: (shown) => {
        this.shownSeries.add(shown.displayed, 1);
        if (!Number.isNaN(shown.rtp)) this.ledger.noteShown(shown);
      },
      onMarker: (code, at) => this.noteMarkerSeen(code, at),
    });
    setInterval(() => void this.sample(), 1000);
    void this.ping();
  }

  /** A new connection: its clock, frames and counts have nothing to do with those of before. */
  reset(): void {
    this.clock.reset();
    this.ledger.clear();
    this.reported = 0;
    this.pings = 0;
  }

  noteReady({ backend }: TrackerReady): void {
    this.backend = backend;
  }

  noteTracked({ timings, capture, done, skipped, marker, markerDrawn }: TrackResult): void {
    const now = performance.now();
    this.skipped += skipped;
    this.tracked.copy.add(now, timings.copy);
    this.tracked.crop.add(now, timings.crop);
    this.tracked.network.add(now, timings.network);
    this.tracked.total.add(now, (done - capture) / 1000);
    if (marker >= 0) this.markers[marker % this.markers.length] = markerDrawn;
  }

  /** sent: when it left, microseconds of our clock; a worker tells it late. */
  noteSent(seq: number, capture: number, fromCamera: boolean, sent = nowMicros()): void {
    this.sentSeries.add(performance.now(), 1);
    this.ledger.noteSent(seq, capture, sent, fromCamera);
  }

  noteBuffered(): void {
    this.buffered++;
  }

  /** How many pictures a second the server draws at most. */
  noteRate(rate: number): void {
    this.most = rate;
  }

  noteReport({ frames, drops, bitrate, fps, av }: Report): void {
    for (const frame of frames) this.ledger.noteReport(frame);
    const newest = frames.at(-1)?.sent ?? 0;
    if (newest < this.reported) return;
    this.reported = newest;
    this.serverDrops = drops;
    this.target = bitrate;
    this.generated = fps;
    this.pictureAfterSound = av === undefined ? null : av / 1000;
  }

  snapshot(): Snapshot {
    const now = performance.now();
    const { ledger, tracked } = this;
    return {
      at: new Date().toISOString(),
      sentToDrawn: ledger.sentToDrawn.spread(now),
      captureToDrawn: ledger.captureToDrawn.spread(now),
      glassToGlass: ledger.glassToGlass.spread(now),
      stages: ledger.spreads(now),
      learned: ledger.learned.spread(now),
      tracker: {
        backend: this.backend, copy: tracked.copy.spread(now), crop: tracked.crop.spread(now),
        network: tracked.network.spread(now), total: tracked.total.spread(now),
      },
      fps: {
        tracked: tracked.total.rate(now), sent: this.sentSeries.rate(now),
        generated: this.generated, shown: this.shownSeries.rate(now), most: this.most,
      },
      drops: {
        skipped: this.skipped, buffered: this.buffered,
        unseen: this.display.unseen,
        ...this.serverDrops,
        decoder: this.net?.framesDropped ?? 0, packets: this.net?.packetsLost ?? 0,
      },
      bitrate: { target: this.target, received: this.net?.bitrate ?? 0 },
      pictureAfterSound: this.pictureAfterSound,
      rtt: { path: this.net?.rtt ?? NaN, ping: this.clock.rtt / 1000 },
      net: this.net,
    };
  }

  private noteMarkerSeen(code: number, at: number): void {
    const drawn = this.markers[code % this.markers.length]!;
    const millis = (toMicros(at) - drawn) / 1000;
    // The ring holds seventeen seconds of codes: anything older is another code of the same remainder.
    if (drawn > 0 && millis < 5000) this.ledger.noteGlass(at, millis);
  }

  private async sample(): Promise<void> {
    if (this.connection.phase !== "live") return;
    const stats = await this.connection.stats();
    if (stats) this.net = this.netReader.read(stats);
  }

  private async ping(): Promise<void> {
    if (this.connection.phase === "live") {
      this.pings++;
      const left = Math.round(nowMicros());
      // The server aligns sound and picture by this browser's clock, once it is known here how far it is from the server's.
      const clocks = this.clock.known ? { offset: this.clock.offset, wall: Date.now() * 1000 - left } : {};
      const answer = await this.connection.request("ping", { t: left, ...clocks }).catch(() => null);
      if (answer) this.clock.add(left, Number(answer["server"]), nowMicros());
    }
    setTimeout(() => void this.ping(), this.pings < FIRST_PINGS ? FAST_PING : PING_EVERY);
  }
}
