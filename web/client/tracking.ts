/** The camera and its tracker as one thing: starts, stops, watches for a face, sends what it sees. */
import { ofRate, openCamera, USUAL_RATE } from "./media/camera";
import type { LandmarkSender } from "./media/sender";
import type { Sources } from "./tracker/networks";
import { TrackerClient } from "./tracker/client";
import type { SentNote, TrackerReady, TrackResult } from "./tracker/messages";
import { mouthOpening } from "./wire/sample";

/** Milliseconds without a face before the user is told. */
const LOST_NOTICE = 3000;
/** Opening of the mouth, relative to its width, up to which a face counts as calm. */
const CALM = 0.08;
/** Mean brightness below which the room counts as dark, 0..1. */
const DARK = 0.13;

export interface TrackingEvents {
  onReady(ready: TrackerReady): void;
  onProblem(text: string): void;
  onResult(result: TrackResult): void;
  /** The first face after the camera started. */
  onFirstFace(): void;
  /** A note about the face that is missing, null once it is there. */
  onMissing(text: string | null): void;
  /** The camera ended by itself. */
  onEnded(): void;
  /** The tracker's worker sent a datagram itself, or held one back: where there is no such event, the sender counts. */
  onSent?(note: SentNote): void;
  onBuffered?(): void;
}

export class Tracking {
  stream: MediaStream | null = null;
  /** Performances are played in its worker. */
  readonly tracker: TrackerClient;
  private seenFace = false;
  private lastFace = 0;
  private told = false;
  private ready = false;
  private mouth = 0;
  /** Pictures a second that the camera was asked for last. */
  private rate = USUAL_RATE;

  constructor(script: string, sources: Sources, private readonly sender: LandmarkSender, private readonly events: TrackingEvents) {
    this.tracker = new TrackerClient(script, sources, {
      onReady: (ready) => {
        if (!this.ready && this.stream) events.onMissing(null);
        this.ready = true;
        this.lastFace = performance.now();
        events.onReady(ready);
      },
      onFailed: (message) => events.onProblem(message),
      onResult: (result) => this.take(result),
      onSent: (note) => events.onSent?.(note),
      onBuffered: () => events.onBuffered?.(),
      onDue: (datagram, capture) => sender.send(datagram, capture, false),
      onStill: (still) => this.noteStill(still),
    });
  }

  /** Opens the camera and follows the face in it, in as many pictures a second; video must show the stream that is handed to attach. */
  async start(deviceId: string, video: HTMLVideoElement, attach: (stream: MediaStream) => void, rate = USUAL_RATE): Promise<void> {
    const stream = await openCamera(deviceId, rate);
    this.stop();
    this.rate = rate;
    const [track] = stream.getVideoTracks();
    if (!track) return;
    this.stream = stream;
    this.seenFace = this.told = false;
    this.lastFace = performance.now();
    track.onended = () => {
      if (this.stream === stream) this.events.onEnded();
    };
    attach(stream);
    if (!this.ready) this.events.onMissing("Getting the face tracker ready…");
    this.tracker.start(track, video);
  }

  stop(): void {
    if (!this.stream) return;
    this.tracker.stop();
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.events.onMissing(null);
  }

  /** Asks the camera that runs for so many pictures a second. One that cannot gives what it can, or goes on as it was. */
  setRate(rate: number): void {
    if (rate === this.rate) return;
    this.rate = rate;
    const [track] = this.stream?.getVideoTracks() ?? [];
    void track?.applyConstraints({ ...track.getConstraints(), ...ofRate(rate) }).catch(() => undefined);
  }

  setMarker(on: boolean): void {
    this.tracker.setMarker(on);
  }

  /** Whether the face in sight has its mouth shut. */
  isCalm(): boolean {
    return this.mouth < CALM;
  }

  private take(result: TrackResult): void {
    // A last result may come after the camera was stopped.
    if (!this.stream) return;
    this.events.onResult(result);
    this.watch(result);
    if (!result.lost) this.mouth = mouthOpening(result.points);
    if (result.size === 0 || result.sent) return;
    this.sender.send(new Uint8Array(result.datagram, 0, result.size), result.capture, true);
  }

  /** A browser that gives a page no new pictures while nobody sees it must not pass for a driver who holds still. */
  private noteStill(still: boolean): void {
    if (!this.stream) return;
    this.told = still;
    this.events.onMissing(still ? "The camera’s picture stands still; bring this page to the front, or start the camera again." : null);
  }

  private watch({ lost, light }: TrackResult): void {
    const now = performance.now();
    if (!lost) {
      this.lastFace = now;
      if (this.told) this.events.onMissing(null);
      this.told = false;
      if (!this.seenFace) this.events.onFirstFace();
      this.seenFace = true;
    } else if (!this.told && now - this.lastFace > LOST_NOTICE) {
      this.told = true;
      this.events.onMissing(light < DARK
        ? "It is too dark to see a face; turn on a light in front of you."
        : "No face in sight; move into the middle of the camera’s picture.");
    }
  }
}
