/** The page's handle on the tracker's worker. */
import { nowMicros, toMicros } from "../common/clock";
import type { FromTracker, ToTracker, TrackerReady, TrackResult } from "./messages";
import type { CameraFrame } from "./pixels";
import type { Sources } from "./networks";

export interface TrackerEvents {
  onReady(ready: TrackerReady): void;
  onFailed(message: string): void;
  /** The result's buffers belong to the tracker again once this returns. */
  onResult(result: TrackResult): void;
}

/** Chrome and Safari hand camera frames to a worker; lib.dom does not know yet. */
interface TrackProcessor {
  readonly readable: ReadableStream<VideoFrame>;
}
type TrackProcessorConstructor = new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => TrackProcessor;

export class TrackerClient {
  private readonly worker: Worker;
  /** Frames handed over and not answered; only the fallback path keeps count. */
  private inFlight = 0;
  private stopFrames: (() => void) | null = null;

  constructor(script: string, sources: Sources, private readonly events: TrackerEvents) {
    this.worker = new Worker(script, { type: "module", name: "tracker" });
    this.worker.onmessage = ({ data }: MessageEvent<FromTracker>) => this.receive(data);
    this.worker.onerror = () => events.onFailed("The face tracker did not start. Reload the page, or try another browser.");
    this.post({ type: "load", sources });
  }

  /** Follows the face in this track. video plays the same stream: it feeds browsers that cannot hand over frames. */
  start(track: MediaStreamTrack, video: HTMLVideoElement): void {
    this.stop();
    const Processor = (globalThis as { MediaStreamTrackProcessor?: TrackProcessorConstructor }).MediaStreamTrackProcessor;
    if (Processor) {
      const { readable } = new Processor({ track, maxBufferSize: 1 });
      try {
        this.post({ type: "stream", frames: readable }, [readable]);
        return;
      } catch {
        // Streams cannot travel to workers here: use the video element.
      }
    }
    this.stopFrames = this.feedFromVideo(video);
  }

  stop(): void {
    this.stopFrames?.();
    this.stopFrames = null;
    this.post({ type: "stop" });
  }

  setMarker(on: boolean): void {
    this.post({ type: "marker", on });
  }

  /** Tracks one picture; capture in microseconds of our clock. */
  offer(frame: CameraFrame, capture: number): void {
    this.post({ type: "frame", frame, capture }, [frame]);
  }

  close(): void {
    this.worker.terminate();
  }

  /** The video element itself is the one-slot mailbox: a frame is grabbed only when the worker is free. */
  private feedFromVideo(video: HTMLVideoElement): () => void {
    let handle = 0;
    this.inFlight = 0;
    const onFrame = (_: number, metadata: VideoFrameCallbackMetadata): void => {
      handle = video.requestVideoFrameCallback(onFrame);
      if (this.inFlight > 0) return;
      this.inFlight++;
      const capture = metadata.captureTime === undefined ? nowMicros() : toMicros(metadata.captureTime);
      createImageBitmap(video).then((bitmap) => this.offer(bitmap, capture), () => this.inFlight--);
    };
    handle = video.requestVideoFrameCallback(onFrame);
    return () => video.cancelVideoFrameCallback(handle);
  }

  private receive(message: FromTracker): void {
    switch (message.type) {
      case "ready":
        this.events.onReady(message);
        break;
      case "failed":
        this.inFlight = 0;
        this.events.onFailed(message.message);
        break;
      case "result": {
        this.inFlight = Math.max(0, this.inFlight - 1);
        this.events.onResult(message);
        const { datagram, points } = message;
        this.post({ type: "recycle", datagram, points }, [datagram, points.buffer]);
        break;
      }
    }
  }

  private post(message: ToTracker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }
}
