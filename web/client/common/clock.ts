/**
 * The browser's clock of this product: microseconds since the epoch, steady, the same on the page and in its workers.
 * Fits a double exactly until the year 2255.
 */
export function nowMicros(): number {
  return (performance.timeOrigin + performance.now()) * 1000;
}

/** Converts a time of performance.now()'s kind, milliseconds, to the same clock. */
export function toMicros(highResMillis: number): number {
  return (performance.timeOrigin + highResMillis) * 1000;
}

/**
 * Puts camera timestamps on our clock. Frames carry a steady clock of unknown zero, so the smallest difference ever
 * seen between arrival and timestamp counts as "just captured"; ages are thus understated by the fastest delivery.
 */
export class FrameClock {
  private offset = Infinity;

  /** All in microseconds; returns when the frame was captured, never after arrival. */
  capture(timestamp: number, arrival: number): number {
    const difference = arrival - timestamp;
    // A jump means another source or a clock that was set: start over.
    if (Math.abs(difference - this.offset) > 1e6) this.offset = difference;
    this.offset = Math.min(this.offset, difference);
    return timestamp + this.offset;
  }
}
