/** What the page and the tracker's worker say to each other. */
import type { CameraFrame } from "./pixels";
import type { Backend, Sources } from "./networks";

export type ToTracker =
  | { type: "load"; sources: Sources }
  /** Frames arrive without the page's help; a second stream replaces the first. */
  | { type: "stream"; frames: ReadableStream<VideoFrame> }
  /** One frame where streams cannot be had; capture in microseconds of our clock. */
  | { type: "frame"; frame: CameraFrame; capture: number }
  | { type: "stop" }
  | { type: "marker"; on: boolean }
  /** Buffers of a result, back for reuse. */
  | { type: "recycle"; datagram: ArrayBuffer; points: Float32Array };

export interface TrackResult {
  type: "result";
  /** Room of MAX_WIRE_SIZE bytes holding one datagram of size bytes; 0 where nothing can travel. */
  datagram: ArrayBuffer;
  size: number;
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
  /** Milliseconds of the fastest run of the landmark network; null where not tried. */
  wasm: number;
  webgpu: number | null;
}

export type FromTracker =
  | TrackerReady
  | { type: "failed"; message: string }
  | TrackResult;
