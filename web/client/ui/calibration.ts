/** Asks for a calm face, counts down, and takes it as the neutral. */
import type { Notices } from "./notices";

const SECONDS = 3;
const ASK = "Look straight ahead with a calm face…";

export class Calibration {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly notices: Notices, private readonly calibrate: () => Promise<void>) {}

  /** Counts down over the portrait; onDone is called once the server took the neutral. */
  start(): void {
    this.cancel();
    this.count(SECONDS);
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.notices.note(null);
  }

  private count(left: number): void {
    if (left > 0) {
      this.notices.note(ASK, String(left));
      this.timer = setTimeout(() => this.count(left - 1), 1000);
      return;
    }
    this.notices.note(null);
    void this.calibrate();
  }
}
