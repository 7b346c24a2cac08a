/** What drives the portrait: the camera or a performance, one at a time, and the neutral that a camera needs. */
import type { PerformanceInfo } from "./api";
import { type Assets, trackerOf } from "./assets";
import { Problem } from "./common/problem";
import type { Driver } from "./news";
import type { LandmarkSender } from "./media/sender";
import { type PerformancePlayer, Playing } from "./playing";
import type { SentNote, TrackerReady, TrackResult } from "./tracker/messages";
import { Tracking } from "./tracking";
import { Calibration } from "./ui/calibration";
import { byId } from "./ui/dom";
import type { Notices } from "./ui/notices";
import { SelfView, type SelfViewEvents } from "./ui/selfview";

/** A camera is new until its driver has been got to know: the countdown, and what the server needs after it, milliseconds. */
const NEW_MILLIS = 12_000;

export interface DrivingEvents extends SelfViewEvents {
  /** Device id of the camera that is wanted, empty for the browser's choice. */
  camera(): string;
  /** How many pictures a second the server draws. */
  rate(): number;
  /** The camera runs: from now on the browser names all that there are. */
  onCamera(): void;
  onReady(ready: TrackerReady): void;
  onTracked(result: TrackResult): void;
  /** The worker sent a datagram itself, or held one back. */
  onSent(note: SentNote): void;
  onBuffered(): void;
  /** Asks the server to take the present face as the neutral. */
  calibrate(): Promise<void>;
  /** Somebody or something begins to drive, or ends. */
  onChange(): void;
}

/** A camera that is used for something else meanwhile. */
export interface Lent {
  stream: MediaStream;
  giveBack(): void;
}

/** Pixels: as large as cameras usually can, and what a tracker needs. */
const LARGE = { width: { ideal: 1280 }, height: { ideal: 960 } }, USUAL = { width: { ideal: 640 }, height: { ideal: 480 } };

export class Driving {
  readonly self: SelfView;
  private readonly tracking: Tracking;
  private readonly playing: Playing;
  private readonly calibration: Calibration;
  private readonly button = byId("camera", HTMLButtonElement);
  private missing: string | null = null;
  private cameraSince = 0;

  constructor(assets: Assets, private readonly sender: LandmarkSender, private readonly notices: Notices, private readonly events: DrivingEvents) {
    this.self = new SelfView(events);
    this.tracking = this.makeTracking(assets, sender);
    this.calibration = new Calibration(notices, () => this.tracking.isCalm(), () => events.calibrate());
    this.playing = new Playing(this.player, {
      rate: () => events.rate(),
      onStart: () => this.stopCamera(),
      onProblem: (error) => notices.complain(error),
      onChange: () => events.onChange(),
    });
    this.button.onclick = () => this.toggleCamera();
    byId("calibrate", HTMLButtonElement).onclick = () => this.calibrate();
  }

  /** What drives now, as the news want to know it. */
  get driver(): Driver {
    if (!this.cameraRuns) return "none";
    return performance.now() - this.cameraSince < NEW_MILLIS ? "new camera" : "camera";
  }

  /** Whether anything drives. */
  get active(): boolean {
    return this.cameraRuns || this.playing.playing;
  }

  /** What plays performances, past the menu. */
  get player(): PerformancePlayer {
    return this.tracking.tracker;
  }

  /** Fetches what the camera will need; nothing else should be waiting for the network. */
  warm(): void {
    this.tracking.tracker.load();
  }

  get cameraRuns(): boolean {
    return this.tracking.stream !== null;
  }

  async startCamera(): Promise<void> {
    this.button.disabled = true;
    // The one moment to say it: now the browser asks.
    if (!this.cameraRuns) this.notices.note("Allow the camera: only points of your face leave this device, and pictures you teach with once you tick them.");
    try {
      await this.openCamera();
    } catch (error) {
      this.notices.note(null);
      this.notices.complain(error, () => void this.startCamera());
    }
    this.button.disabled = false;
  }

  /** Lends the camera, larger than usual, to whoever needs its pictures; the tracker follows it meanwhile. It fails with a Problem. */
  async lend(): Promise<Lent> {
    const ran = this.cameraRuns;
    if (!ran) await this.openCamera();
    const { stream } = this.tracking;
    if (!stream) throw new Problem("camera", "The camera did not start; reload the page and try once more.");
    const [track] = stream.getVideoTracks();
    // As large as it comes will do, too.
    await track?.applyConstraints({ ...track.getConstraints(), ...LARGE }).catch(() => undefined);
    return {
      stream,
      giveBack: () => {
        if (this.tracking.stream !== stream) return;
        if (ran) void track?.applyConstraints({ ...track.getConstraints(), ...USUAL }).catch(() => undefined);
        else this.stopCamera();
      },
    };
  }

  private async openCamera(): Promise<void> {
    this.playing.stop();
    await this.tracking.start(this.events.camera(), this.self.video, (stream) => {
      this.notices.note(null);
      this.self.attach(stream);
    }, this.events.rate());
    this.cameraSince = performance.now();
    this.showButton(true);
    this.events.onCamera();
    this.events.onChange();
  }

  toggleCamera(): void {
    if (this.cameraRuns) this.stopCamera();
    else void this.startCamera();
  }

  /** Another camera is wanted. */
  changeCamera(): void {
    if (this.cameraRuns) void this.startCamera();
  }

  /** Another rate is in force: no more is asked of the camera than is drawn. */
  changeRate(): void {
    this.tracking.setRate(this.events.rate());
  }

  /** Fills the menu of performances. */
  showPerformances(performances: PerformanceInfo[]): void {
    this.playing.show(performances);
  }

  /** Whether the server can be asked for performances. */
  setReachable(reachable: boolean): void {
    this.playing.setReachable(reachable);
  }

  /** What the button of performances and its shortcut do. */
  pressPerformances(): void {
    this.playing.press();
  }

  /** Nothing of the driver leaves while it is paused. */
  setPaused(paused: boolean): void {
    this.sender.paused = paused;
    this.tracking.tracker.setPaused(paused);
    this.self.setPaused(paused);
    if (paused) this.calibration.cancel();
  }

  /** What the button "Reset my face" and its shortcut do. */
  calibrate(): void {
    if (this.cameraRuns) this.calibration.start();
    else this.notices.say("Start the camera first: this takes your present face as the calm one.");
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
    this.showButton(false);
    this.events.onChange();
  }

  /** Stopping is nothing to invite to: then the button is one among others. */
  private showButton(running: boolean): void {
    this.button.textContent = running ? "Stop camera" : "Start camera";
    this.button.className = running ? "secondary" : "primary";
  }

  private makeTracking(assets: Assets, sender: LandmarkSender): Tracking {
    const { script, sources } = trackerOf(assets);
    return new Tracking(script, sources, sender, {
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
