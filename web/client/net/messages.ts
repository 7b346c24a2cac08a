/** Signalling and control messages; rtc/signalling/PROTOCOL.md is their specification. */
import type { Fault } from "../common/problem";

export const PROTOCOL_VERSION = 1;

export type Codec = "auto" | "vp8" | "h264";

export interface Hello {
  type: "hello";
  version: number;
  session: string;
  secret: string;
  /** What the session wants to be called, empty for whatever the server gives. */
  name: string;
  persona: string;
  codec: Codec;
  playoutDelay: boolean;
  /** Servers where this attempt has been, or found nobody. */
  tried: string[];
}

/** A path to try, null after the last one; both sides send them. */
export interface Candidate {
  type: "candidate";
  candidate: RTCIceCandidateInit | null;
}

export type ToServer = Hello | { type: "offer"; sdp: string } | Candidate | { type: "bye" };

export interface Welcome {
  type: "welcome";
  version: number;
  session: string;
  secret: string;
  /** Where others watch: /view/NAME; absent from servers that give none. */
  name?: string;
  resumed: boolean;
  persona: string;
  size: number;
  /** The learned layer of this session, "mesh" for geometry alone; absent from servers that know of none. */
  generator?: string;
  /** With "mesh": a sentence that says why, or empty. */
  generator_note?: string;
  /** Pictures a second that may be chosen, the usual rate first; absent from servers that know of no choice. */
  rates?: number[];
  /** How many there are now, and a sentence that says why not as many as were chosen, or empty. */
  rate?: number;
  rate_note?: string;
  iceServers?: RTCIceServer[] | null;
  /** Names the server among others; absent from one that is alone. */
  node?: string;
}

/** Another server. */
export interface Place {
  node: string;
  /** Of its websocket. */
  url: string;
  /** To be shown there. */
  token?: string;
}

/** Go there: before the welcome instead of it, later because this server stops. */
export interface Redirect extends Place {
  type: "redirect";
  from: string;
}

/** Where to go when this server is lost. */
export interface Nodes {
  type: "nodes";
  nodes: Place[];
}

/** What the server makes of an offer. */
export interface Description {
  type: "answer";
  sdp: string;
}

export interface ServerError extends Fault {
  type: "error";
  fatal?: boolean;
  /** Seconds until it is worth another try. */
  retry_after?: number;
}

export type FromServer = Welcome | Description | Candidate | Redirect | Nodes | ServerError;

export interface Background {
  mode: "original" | "blur" | "color" | "image";
  /** #rrggbb, for mode color. */
  color?: string;
  /** Id of a backdrop that the server keeps, for mode image. */
  image?: string;
}

/** Factors 0..2, 1 as the driver moves. */
export interface Strength {
  head: number;
  mouth: number;
  eyes: number;
  brows: number;
}

export interface Settings {
  mirror: boolean;
  strength: Strength;
  background: Background;
  /** It looks about and blinks while nobody moves it. */
  idle: boolean;
}

/** What is of the moment, and no wish of the user's to keep. */
export interface Stillness {
  /** The portrait rests, without breath, whoever drives. */
  still: boolean;
}

/** Settings of a session that has a learned layer. */
export interface LayerSettings {
  learned: boolean;
  /** 0..1 of the picture's width: left of it geometry shows alone; 0 is off. */
  split: number;
}

/** Settings of a session that has a choice of rates. */
export interface RateSettings {
  /** Pictures a second, one of the welcome's rates. */
  rate: number;
}

export type AnySettings = Partial<Settings & Stillness & LayerSettings & RateSettings>;

/** The answer to a request on the control channel; further fields depend on the request. */
export interface Answer {
  id: number;
  ok?: boolean;
  error?: Fault;
  [field: string]: unknown;
}

/** What the server tells on its own. */
export type ControlEvent =
  | { event: "lost" }
  | { event: "found" }
  | { event: "calibrated"; auto: boolean }
  | { event: "drift"; degrees?: number }
  | { event: "person" }
  | { event: "persona"; persona: string }
  | { event: "generator"; generator: string; generator_note: string }
  | { event: "rate"; rate: number; rate_note: string }
  | { event: "generator_fault"; message?: string }
  | ({ event: "error" } & Fault);

/** One generated frame: capture on the browser's clock, the others on the server's, microseconds, 0 where not happened. */
export interface ReportFrame {
  rtp: number;
  seq: number;
  sample: boolean;
  capture: number;
  received: number;
  taken: number;
  retargeted: number;
  /** The geometric layer was done and the learned one began; 0 or absent where that did not paint. */
  drawn?: number;
  generated: number;
  encoded: number;
  sent: number;
  bytes: number;
  key: boolean;
}

export interface Report {
  frames: ReportFrame[];
  /** Samples that the server dropped since the session began, by cause. */
  drops: Record<string, number>;
  /** The encoder's target, bit/s. */
  bitrate: number;
  fps: number;
  /** Microseconds that pictures leave the server later than the sound of the same moment; absent without a microphone. */
  av?: number;
}
