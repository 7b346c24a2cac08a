/** What drives the portrait: the camera or a performance, one at a time, and the neutral that a camera needs. */
import type { PerformanceInfo } from "./api";
import type { Assets } from "./assets";
import type { LandmarkSender } from "./media/sender";
import { type PerformancePlayer, Playing } from "./playing";
import type { SentNote, TrackerReady, TrackResult } from "./tracker/messages";
import { Tracking } from "./tracking";
import { Calibration } from "./ui/calibration";
import { byId } from "./ui/dom";
import type { Notices } from "./ui/notices";
import { SelfView, type SelfViewEvents } from "./ui/selfview";

export interface DrivingEvents extends SelfViewEvents {
  /** Device id of the camera that is wanted, empty for the browser's choice. */
  camera(): string;
  /** The camera runs: from now on the browser names all that there are. */
  onCamera(): void;
  onReady(ready: TrackerReady): void;
  onTracked(result: TrackResult): void;
  /** The worker sent a datagram itself, or held one back. */
  onSent(note: SentNote): void;
  onBuffered(): void;
  /** Asks the server to take the present face as the neutral. */
  calibrate(): Promise<void>;
}

export class Driving {
  readonly self: SelfView;
  private readonly tracking: Tracking;
  private readonly playing: Playing;
  private readonly calibration: Calibration;
  private readonly button = byId("camera", HTMLButtonElement);
  private missing: string | null = null;

  constructor(assets: Assets, sender: LandmarkSender, private readonly notices: Notices, private readonly events: DrivingEvents) {
    this.self = new SelfView(events);
    this.tracking = this.makeTracking(assets, sender);
    this.calibration = new Calibration(notices, () => this.tracking.isCalm(), () => events.calibrate());
    this.playing = new Playing(this.player, {
      onStart: () => this.stopCamera(),
      onProblem: (error) => notices.complain(error),
    });
    this.button.onclick = () => this.toggleCamera();
    byId("calibrate", HTMLButtonElement).onclick = () => this.calibrate();
  }

  /** What plays performances, past the menu. */
  get player(): PerformancePlayer {
    return this.tracking.tracker;
  }

  get cameraRuns(): boolean {
    return this.tracking.stream !== null;
  }

  async startCamera(): Promise<void> {
    this.playing.stop();
    this.button.disabled = true;
    try {
      await this.tracking.start(this.events.camera(), this.self.video, (stream) => this.self.attach(stream));
      this.button.textContent = "Stop camera";
      this.events.onCamera();
    } catch (error) {
      this.notices.complain(error);
    }
    this.button.disabled = false;
  }

  toggleCamera(): void {
    if (this.cameraRuns) this.stopCamera();
    else void this.startCamera();
  }

  /** Another camera is wanted. */
  changeCamera(): void {
    if (this.cameraRuns) void this.startCamera();
  }

  /** Fills the menu of performances. */
  showPerformances(performances: PerformanceInfo[]): void {
    this.playing.show(performances);
  }

  /** What the button of performances and its shortcut do. */
  pressPerformances(): void {
    this.playing.press();
  }

  /** What the button "Calibrate" and its shortcut do. */
  calibrate(): void {
    if (this.cameraRuns) this.calibration.start();
    else this.notices.say("Start the camera first: calibrating takes your present face as the neutral.");
  }

  /** A session began anew and knows no neutral. */
  startOver(): void {
    if (this.cameraRuns) this.calibration.start();
    this.playing.restart();
  }

  /** Lets the worker send through this channel, as TrackerClient has it. */
  carry(channel: RTCDataChannel): Promise<void> | null {
    return this.tracking.tracker.carry(channel);
  }

  setMarker(on: boolean): void {
    this.tracking.setMarker(on);
    if (on && !this.cameraRuns) this.notices.say("The marker is drawn into the camera’s picture: start the camera.");
  }

  private stopCamera(): void {
    this.calibration.cancel();
    this.tracking.stop();
    this.self.attach(null);
    this.button.textContent = "Start camera";
  }

  private makeTracking({ tracker, wasm, webgpuWasm }: Assets, sender: LandmarkSender): Tracking {
    const absolute = (path: string): string => new URL(path, document.baseURI).href;
    return new Tracking(absolute(tracker), { models: absolute("models/"), wasm: absolute(wasm), webgpuWasm: absolute(webgpuWasm) }, sender, {
      onReady: (ready) => this.events.onReady(ready),
      onProblem: (text) => this.notices.problem(text),
      onResult: (result) => {
        this.events.onTracked(result);
        this.self.draw(result);
      },
      onSent: (note) => this.events.onSent(note),
      onBuffered: () => this.events.onBuffered(),
      onFirstFace: () => this.calibration.start(),
      onMissing: (text) => this.showMissing(text),
      onEnded: () => {
        this.stopCamera();
        this.notices.problem("The camera was switched off; start it again when it is back.");
      },
    });
  }

  private showMissing(text: string | null): void {
    if (text === this.missing) return;
    this.missing = text;
    this.calibration.cancel();
    this.notices.note(text);
  }
}
