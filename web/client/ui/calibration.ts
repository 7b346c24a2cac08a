/** Asks for a calm face, counts down, and takes it as the neutral. */
import type { Notices } from "./notices";

const SECONDS = 3;
const ASK = "Look straight ahead with a calm face…";
/** Who still talks when the countdown ends is waited for, but not for ever. */
const PATIENCE_MILLIS = 3000;
const LOOK_EVERY = 60;

export class Calibration {
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** isCalm tells whether the face has its mouth shut right now; calibrate asks the server to take it. */
  constructor(private readonly notices: Notices, private readonly isCalm: () => boolean, private readonly calibrate: () => Promise<void>) {}

  /** Counts down over the portrait, then calibrates. */
  start(): void {
    this.cancel();
    this.count(SECONDS);
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.notices.note(null);
  }

  private count(left: number): void {
    if (left === 0) {
      this.wait(PATIENCE_MILLIS);
      return;
    }
    this.notices.note(ASK, String(left));
    this.timer = setTimeout(() => this.count(left - 1), 1000);
  }

  private wait(left: number): void {
    if (left > 0 && !this.isCalm()) {
      this.notices.note(ASK);
      this.timer = setTimeout(() => this.wait(left - LOOK_EVERY), LOOK_EVERY);
      return;
    }
    this.notices.note(null);
    void this.calibrate();
  }
}
