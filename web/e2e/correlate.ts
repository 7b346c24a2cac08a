/** Compares two measurements of the same movement that were taken at different times. */
import type { Track } from "./probe";

export interface Agreement {
  /** Pearson's coefficient at the best lag. */
  correlation: number;
  /** Milliseconds by which the second track follows the first: what smoothing costs. */
  lag: number;
}

/** Correlation of what was sent with what came back, for the lag up to maxLag milliseconds at which it is largest. */
export function agreement(sent: Track, back: Track, maxLag: number): Agreement {
  let best: Agreement = { correlation: -1, lag: 0 };
  for (let lag = 0; lag <= maxLag; lag += 5) {
    const pairs: [number, number][] = [];
    back.times.forEach((time, i) => {
      const value = at(sent, time - lag);
      if (value !== null) pairs.push([value, back.mouths[i]!]);
    });
    const correlation = pearson(pairs);
    if (correlation > best.correlation) best = { correlation, lag };
  }
  return best;
}

/** Value of a track at a time, between its samples; null outside. */
function at({ times, mouths }: Track, time: number): number | null {
  const next = times.findIndex((t) => t >= time);
  if (next <= 0) return null;
  const [t0, t1] = [times[next - 1]!, times[next]!];
  const share = (time - t0) / (t1 - t0);
  return mouths[next - 1]! * (1 - share) + mouths[next]! * share;
}

function pearson(pairs: [number, number][]): number {
  const n = pairs.length;
  if (n < 10) return -1;
  const mean = (k: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[k], 0) / n;
  const [mx, my] = [mean(0), mean(1)];
  let xy = 0, xx = 0, yy = 0;
  for (const [x, y] of pairs) {
    xy += (x - mx) * (y - my);
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
  }
  return xy / Math.sqrt(xx * yy || 1);
}
