/** The last few seconds of one measured value. */

export interface Spread {
  n: number;
  p50: number;
  p95: number;
  max: number;
}

/** Room for values of the last windowMillis; the oldest fall out. Times in milliseconds of performance.now()'s kind. */
export class Series {
  private readonly times: Float64Array;
  private readonly values: Float64Array;
  private next = 0;
  private filled = 0;

  constructor(private readonly windowMillis = 10_000, capacity = 1024) {
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
  }

  add(time: number, value: number): void {
    if (!Number.isFinite(value)) return;
    this.times[this.next] = time;
    this.values[this.next] = value;
    this.next = (this.next + 1) % this.times.length;
    this.filled = Math.min(this.filled + 1, this.times.length);
  }

  /** Values of the window that ends now, in no order. */
  within(now: number): number[] {
    const values: number[] = [];
    for (let i = 0; i < this.filled; i++) {
      if (this.times[i]! >= now - this.windowMillis) values.push(this.values[i]!);
    }
    return values;
  }

  /** Median, 95th percentile (nearest rank) and largest; null where nothing was measured. */
  spread(now: number): Spread | null {
    const sorted = this.within(now).sort((a, b) => a - b);
    const n = sorted.length;
    if (n === 0) return null;
    const rank = (p: number): number => sorted[Math.min(n - 1, Math.ceil(p * n) - 1)]!;
    return { n, p50: rank(0.5), p95: rank(0.95), max: sorted[n - 1]! };
  }

  /** Events a second over the last seconds. */
  rate(now: number, seconds = 2): number {
    let count = 0;
    for (let i = 0; i < this.filled; i++) if (this.times[i]! >= now - 1000 * seconds) count++;
    return count / seconds;
  }

  clear(): void {
    this.next = this.filled = 0;
  }
}
