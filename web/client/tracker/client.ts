/** The page's handle on the tracker's worker. */
import type { PerformanceRecord } from "../media/performance";
import type { FromTracker, SentNote, ToTracker, TrackerReady, TrackResult } from "./messages";
import type { CameraFrame } from "./pixels";
import { framesOf } from "./processor";
import type { Sources } from "./networks";
import { VideoFeed } from "./video";

/** Milliseconds with one and the same picture until that is told. */
const STILL_AFTER = 2000;

export interface TrackerEvents {
  onReady(ready: TrackerReady): void;
  onFailed(message: string): void;
  /** The result's buffers belong to the tracker again once this returns. */
  onResult(result: TrackResult): void;
  /** The worker sent a datagram itself, through the channel that it carries; or held one back. */
  onSent?(note: SentNote): void;
  onBuffered?(): void;
  /** A performance's datagram is due and the worker carries no channel; capture in microseconds of our clock. */
  onDue?(datagram: Uint8Array<ArrayBuffer>, capture: number): void;
  /** The browser shows the same picture again and again; then another. */
  onStill?(still: boolean): void;
}

export class TrackerClient {
  private readonly worker: Worker;
  private video: HTMLVideoElement | null = null;
  private feed: VideoFeed | null = null;
  /** When the picture last was another one, of performance.now()'s kind. */
  private changed = 0;
  private still = false;
  /** Heard of since it was started; and it never will be. */
  private alive = false;
  private failed = false;
  private open: () => void = () => undefined;
  private loading = false;

  /** The networks and their runtime, megabytes of them, come with load. */
  constructor(script: string, private readonly sources: Sources, private readonly events: TrackerEvents) {
    this.worker = new Worker(script, { type: "module", name: "tracker" });
    this.worker.onmessage = ({ data }: MessageEvent<FromTracker>) => this.receive(data);
    this.worker.onerror = () => {
      this.failed = !this.alive;
      this.open();
      events.onFailed("The face tracker did not start. Reload the page, or try another browser.");
    };
  }

  /** Fetches the networks, once: when the camera starts, or sooner where nothing else waits for the network. */
  load(): void {
    if (this.loading) return;
    this.loading = true;
    this.post({ type: "load", sources: this.sources });
  }

  /**
   * Follows the face in this track. video plays the same stream: it feeds browsers that cannot hand over frames. The three
   * ways are those of Chromium, Safari and Firefox; all go on where nobody sees the page. The track is the caller's, who ends it
   * after a stop: until then its frames are read and closed.
   */
  start(track: MediaStreamTrack, video: HTMLVideoElement): void {
    this.load();
    this.stop();
    this.video = video;
    if (!this.handStream(track) && !this.handTrack(track)) this.feedFromVideo();
  }

  stop(): void {
    this.feed?.stop();
    this.feed = this.video = null;
    this.noteChange();
    this.post({ type: "stop" });
  }

  /**
   * Lets the worker send through this channel, which must have been made in this very task; resolves once it is open, or never
   * will be. Null where channels cannot travel: then results and performances are the page's to send.
   */
  carry(channel: RTCDataChannel): Promise<void> | null {
    if (this.failed) return null;
    try {
      this.post({ type: "channel", channel }, [channel]);
    } catch {
      return null;
    }
    return new Promise((resolve) => (this.open = resolve));
  }

  /** While it is paused the worker sends nothing; what it leaves to the page is the page's to hold back. */
  setPaused(on: boolean): void {
    this.post({ type: "pause", on });
  }

  /** Plays a performance in the worker, again and again. The records are gone from here. */
  play(records: PerformanceRecord[]): void {
    const buffers = new Set(records.map(({ datagram }) => datagram.buffer));
    this.post({ type: "play", records }, [...buffers]);
  }

  /** Plays it from its start, where one is played. */
  replay(): void {
    this.post({ type: "replay" });
  }

  halt(): void {
    this.post({ type: "halt" });
  }

  setMarker(on: boolean): void {
    this.post({ type: "marker", on });
  }

  /** Tracks one picture; capture in microseconds of our clock. */
  offer(frame: CameraFrame, capture: number): void {
    this.load();
    this.post({ type: "frame", frame, capture, repeats: false }, [frame]);
  }

  close(): void {
    this.worker.terminate();
  }

  private handStream(track: MediaStreamTrack): boolean {
    const frames = framesOf(track);
    if (!frames) return false;
    try {
      this.post({ type: "stream", frames }, [frames]);
      return true;
    } catch {
      void frames.cancel();
      return false;
    }
  }

  /** Hands over a clone: the page shows the track itself. */
  private handTrack(track: MediaStreamTrack): boolean {
    const clone = track.clone();
    try {
      this.post({ type: "track", track: clone }, [clone]);
      return true;
    } catch {
      clone.stop();
      return false;
    }
  }

  private feedFromVideo(): void {
    if (!this.video) return;
    this.noteChange();
    this.feed = new VideoFeed(this.video, (frame, capture) => {
      this.post({ type: "frame", frame, capture, repeats: true }, [frame]);
    });
    this.post({ type: "ticks" });
  }

  private receive(message: FromTracker): void {
    this.alive = true;
    switch (message.type) {
      case "ready":
        this.events.onReady(message);
        break;
      case "failed":
        this.feed?.answered();
        this.events.onFailed(message.message);
        break;
      case "result":
        this.take(message);
        break;
      case "unchanged":
        this.feed?.answered();
        if (performance.now() - this.changed > STILL_AFTER) this.tellStill(true);
        break;
      case "tick":
        this.feed?.tick();
        break;
      case "frameless":
        this.feedFromVideo();
        break;
      case "open":
        this.open();
        break;
      case "sent":
        this.events.onSent?.(message);
        break;
      case "buffered":
        this.events.onBuffered?.();
        break;
      case "due":
        this.events.onDue?.(message.datagram, message.capture);
        break;
    }
  }

  private take(result: TrackResult): void {
    this.feed?.answered();
    this.noteChange();
    this.events.onResult(result);
    const { datagram, points } = result;
    this.post({ type: "recycle", datagram, points }, [datagram, points.buffer]);
  }

  private noteChange(): void {
    this.changed = performance.now();
    this.tellStill(false);
  }

  private tellStill(still: boolean): void {
    if (still !== this.still) this.events.onStill?.(still);
    this.still = still;
  }

  private post(message: ToTracker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }
}
