/** Offset between the browser's clock and the server's, from pings: the one with the shortest round trip is believed. */

/** Pings that are remembered; at one every two seconds this follows drifting clocks within a minute. */
const KEPT = 24;

interface Ping {
  rtt: number;
  offset: number;
}

export class ClockSync {
  private readonly pings: Ping[] = [];

  /** All in microseconds: when the ping left and its answer came (browser), and what the server's clock said. */
  add(left: number, server: number, came: number): void {
    const rtt = came - left;
    if (!(rtt >= 0)) return;
    this.pings.push({ rtt, offset: server - (left + came) / 2 });
    if (this.pings.length > KEPT) this.pings.shift();
  }

  get known(): boolean {
    return this.pings.length > 0;
  }

  /** Shortest round trip remembered, microseconds: the offset is wrong by at most half of it. */
  get rtt(): number {
    return this.best()?.rtt ?? 0;
  }

  /** Microseconds that the server's clock is ahead of the browser's. */
  get offset(): number {
    return this.best()?.offset ?? 0;
  }

  /** Converts a time of the server's clock to the browser's. */
  toBrowser(serverMicros: number): number {
    return serverMicros - this.offset;
  }

  reset(): void {
    this.pings.length = 0;
  }

  private best(): Ping | undefined {
    let best = this.pings[0];
    for (const ping of this.pings) if (best && ping.rtt < best.rtt) best = ping;
    return best;
  }
}
