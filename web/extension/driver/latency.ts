/** How long a picture takes from the camera to a page that shows the portrait: what the voice has to wait for. */
import type { Report } from "../../client/net/messages";
import type { ClockSync } from "../../client/net/clocksync";
import { Series } from "../../client/latency/series";

/** Milliseconds from a frame's arrival to its pixels in the page: decoder and a thread's turn. */
const DECODING = 8;

/**
 * Counts from the server's reports, which come in a hidden tab too, where nothing is displayed that could be timed: captured
 * and sent on one clock, then half a round trip, then the decoder.
 */
export class CameraLatency {
  private readonly sent = new Series();

  constructor(private readonly clock: Pick<ClockSync, "known" | "toBrowser" | "rtt">, private readonly now = () => performance.now()) {}

  note({ frames }: Pick<Report, "frames">): void {
    if (!this.clock.known) return;
    for (const { sample, capture, sent } of frames) {
      if (sample && capture > 0 && sent > 0) this.sent.add(this.now(), (this.clock.toBrowser(sent) - capture) / 1000);
    }
  }

  /** Median of the last seconds, milliseconds; 0 where nothing was measured. */
  get millis(): number {
    const spread = this.sent.spread(this.now());
    return spread ? spread.p50 + this.clock.rtt / 2000 + DECODING : 0;
  }
}
