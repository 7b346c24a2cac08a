/** What the page and the tracker's worker say to each other. */
import type { PerformanceRecord } from "../media/performance";
import type { CameraFrame } from "./pixels";
import type { Backend, Sources } from "./networks";

export type ToTracker =
  | { type: "load"; sources: Sources }
  /** Frames arrive without the page's help; a second stream replaces the first. */
  | { type: "stream"; frames: ReadableStream<VideoFrame> }
  /** The track itself, where only workers can read it; the worker ends it. */
  | { type: "track"; track: MediaStreamTrack }
  /** Neither can be had: the worker is to say when it is time for the next frame. */
  | { type: "ticks" }
  /** One frame; capture in microseconds of our clock. repeats: where it is the picture before, it is no news. */
  | { type: "frame"; frame: CameraFrame; capture: number; repeats: boolean }
  | { type: "stop" }
  | { type: "marker"; on: boolean }
  /** While it is paused nothing is sent, by whatever way. */
  | { type: "pause"; on: boolean }
  /** Through this channel the worker sends from now on, without the page. */
  | { type: "channel"; channel: RTCDataChannel }
  /** A performance, from its start; again from its start; no more. */
  | { type: "play"; records: PerformanceRecord[] }
  | { type: "replay" }
  | { type: "halt" }
  /** Buffers of a result, back for reuse. */
  | { type: "recycle"; datagram: ArrayBuffer; points: Float32Array };

export interface TrackResult {
  type: "result";
  /** Room of MAX_WIRE_SIZE bytes holding one datagram of size bytes; 0 where nothing is to travel. */
  datagram: ArrayBuffer;
  size: number;
  /** The worker has sent it, or tried to. */
  sent: boolean;
  /** All landmarks, as in Sample.points; meaningless while lost. */
  points: Float32Array;
  lost: boolean;
  score: number;
  /** Pixels of the camera's picture. */
  width: number;
  height: number;
  /** Microseconds of our clock: when the frame was captured, and when its landmarks were ready. */
  capture: number;
  done: number;
  /** Code drawn into and read back from the captured picture, and when; -1 without marker mode. */
  marker: number;
  markerDrawn: number;
  /** Milliseconds. */
  timings: { copy: number; crop: number; network: number };
  /** Frames that newer ones replaced before they were looked at, since the last result. */
  skipped: number;
  /** Mean brightness of what was looked at, 0..1. */
  light: number;
}

export interface TrackerReady {
  type: "ready";
  backend: Backend;
  /** Milliseconds of the fastest run of the landmark network: by WebAssembly, of whatever kind; by WebGPU, null where not tried. */
  wasm: number;
  webgpu: number | null;
}

/** A datagram left the worker; times in microseconds of our clock. */
export interface SentNote {
  type: "sent";
  seq: number;
  capture: number;
  sent: number;
  fromCamera: boolean;
}

export type FromTracker =
  | TrackerReady
  | SentNote
  | { type: "buffered" }
  /** The channel is open. */
  | { type: "open" }
  /** A performance's datagram is due and there is no channel. */
  | { type: "due"; datagram: Uint8Array<ArrayBuffer>; capture: number }
  /** Time for the next frame. */
  | { type: "tick" }
  /** The frame was the picture before. */
  | { type: "unchanged" }
  /** The track or stream gives no frames. */
  | { type: "frameless" }
  | { type: "failed"; message: string }
  | TrackResult;
