/** Joins what the tracker, the server's reports and the video element know about each displayed frame. */
import type { ClockSync } from "../net/clocksync";
import type { ReportFrame } from "../net/messages";
import { Series, type Spread } from "./series";

/** Where a frame's time goes, in order. */
export const STAGES = [
  "track", "uplink", "wait", "retarget", "generate", "encode", "packet", "network", "buffer", "decode", "present",
] as const;
export type Stage = (typeof STAGES)[number];

/** What is read to the user for each stage. */
export const STAGE_NAMES: Record<Stage, string> = {
  track: "Camera to landmarks",
  uplink: "Uplink",
  wait: "Wait for a free slot",
  retarget: "Retarget",
  generate: "Generate",
  encode: "Encode",
  packet: "Packet out",
  network: "Network",
  buffer: "Jitter buffer",
  decode: "Decode",
  present: "Present",
};

/** One displayed frame; milliseconds. Stages that this browser does not measure are NaN. */
export interface FrameTrace {
  /** When it was drawn, of performance.now()'s kind. */
  at: number;
  stages: Record<Stage, number>;
  /** The learned layer's part of the stage "generate"; NaN where it did not paint. */
  learned: number;
  /** From the landmarks leaving to the frame being drawn. */
  sentToDrawn: number;
  /** From the camera's picture to the frame being drawn; NaN without a camera. */
  captureToDrawn: number;
}

/** What the video element tells of a frame; times of performance.now()'s kind, milliseconds. */
export interface Shown {
  /** RTP timestamp; NaN where the browser does not say. */
  rtp: number;
  /** Last packet arrived; NaN where the browser does not say. */
  received: number;
  decodeMillis: number;
  presented: number;
  displayed: number;
}

interface Sent {
  seq: number;
  capture: number;
  sent: number;
  fromCamera: boolean;
}

/** Samples and frames that may be under way at once: four seconds of them. */
const KEPT = 128;
const HISTORY = 400;

export class Ledger {
  readonly sentToDrawn = new Series();
  readonly captureToDrawn = new Series();
  readonly glassToGlass = new Series();
  readonly learned = new Series();
  readonly stages: Record<Stage, Series>;
  /** The newest traces, oldest first. */
  readonly traces: FrameTrace[] = [];
  private readonly sent: Sent[] = Array.from({ length: KEPT }, () => ({ seq: -1, capture: 0, sent: 0, fromCamera: false }));
  private readonly reports = new Map<number, ReportFrame>();
  private readonly shown = new Map<number, Shown>();

  /** micros converts a time of performance.now()'s kind to the browser's clock in microseconds. */
  constructor(private readonly clock: ClockSync, private readonly micros: (highResMillis: number) => number) {
    this.stages = Object.fromEntries(STAGES.map((stage) => [stage, new Series()])) as Record<Stage, Series>;
  }

  /** A sample left; times in microseconds of the browser's clock. */
  noteSent(seq: number, capture: number, sent: number, fromCamera: boolean): void {
    const slot = this.sent[seq % KEPT]!;
    slot.seq = seq;
    slot.capture = capture;
    slot.sent = sent;
    slot.fromCamera = fromCamera;
  }

  /** The server told of a frame. */
  noteReport(frame: ReportFrame): void {
    const shown = this.shown.get(frame.rtp);
    if (shown) {
      this.shown.delete(frame.rtp);
      this.join(frame, shown);
    } else {
      keep(this.reports, frame.rtp, frame);
    }
  }

  /** The video element shows a frame. */
  noteShown(shown: Shown): void {
    const report = this.reports.get(shown.rtp);
    if (report) {
      this.reports.delete(shown.rtp);
      this.join(report, shown);
    } else {
      keep(this.shown, shown.rtp, shown);
    }
  }

  noteGlass(at: number, millis: number): void {
    this.glassToGlass.add(at, millis);
  }

  /** Spread of every stage over the last ten seconds. */
  spreads(now: number): Record<Stage, Spread | null> {
    return Object.fromEntries(STAGES.map((stage) => [stage, this.stages[stage].spread(now)])) as Record<Stage, Spread | null>;
  }

  clear(): void {
    for (const stage of STAGES) this.stages[stage].clear();
    for (const series of [this.sentToDrawn, this.captureToDrawn, this.glassToGlass, this.learned]) series.clear();
    this.traces.length = 0;
    this.reports.clear();
    this.shown.clear();
  }

  private join(frame: ReportFrame, shown: Shown): void {
    const sent = this.sent[frame.seq % KEPT]!;
    if (!frame.sample || sent.seq !== frame.seq || !this.clock.known) return;
    const trace = this.trace(frame, shown, sent);
    for (const stage of STAGES) this.stages[stage].add(trace.at, trace.stages[stage]);
    this.learned.add(trace.at, trace.learned);
    this.sentToDrawn.add(trace.at, trace.sentToDrawn);
    this.captureToDrawn.add(trace.at, trace.captureToDrawn);
    this.traces.push(trace);
    if (this.traces.length > HISTORY) this.traces.shift();
  }

  private trace(frame: ReportFrame, shown: Shown, sent: Sent): FrameTrace {
    const local = (server: number): number => this.clock.toBrowser(server);
    const out = local(frame.sent);
    const presented = this.micros(shown.presented);
    const displayed = this.micros(shown.displayed);
    const decode = shown.decodeMillis * 1000;
    const received = Number.isNaN(shown.received) ? NaN : this.micros(shown.received);
    const micros: Record<Stage, number> = {
      track: sent.fromCamera ? sent.sent - sent.capture : NaN,
      uplink: local(frame.received) - sent.sent,
      wait: frame.taken - frame.received,
      retarget: frame.retargeted - frame.taken,
      generate: frame.generated - frame.retargeted,
      encode: frame.encoded - frame.generated,
      packet: frame.sent - frame.encoded,
      // Without the time of arrival, network and jitter buffer are one.
      network: (Number.isNaN(received) ? presented - decode : received) - out,
      buffer: presented - decode - received,
      decode,
      present: displayed - presented,
    };
    for (const stage of STAGES) micros[stage] /= 1000;
    return {
      at: shown.displayed, stages: micros,
      learned: frame.drawn ? (frame.generated - frame.drawn) / 1000 : NaN,
      sentToDrawn: (displayed - sent.sent) / 1000,
      captureToDrawn: sent.fromCamera ? (displayed - sent.capture) / 1000 : NaN,
    };
  }
}

/** Adds to a map that forgets its oldest entries. */
function keep<T>(map: Map<number, T>, key: number, value: T): void {
  map.set(key, value);
  const { value: oldest } = map.keys().next();
  if (map.size > KEPT && oldest !== undefined) map.delete(oldest);
}
