/** How late the portrait shows what the driver did: codes in the driver's own picture come back in the portrait's pixels. */
import type { Page } from "playwright-core";
import type { Meter } from "../client/latency/meter";

/** Of one code, microseconds since the epoch. */
interface Marked {
  /** The camera's picture was captured; the code was drawn into it. */
  capture: number;
  drawn: number;
}

/** Has the driver draw codes into its own picture, from now on. */
export function markDriver(driver: Page): Promise<void> {
  return driver.evaluate(() => {
    const { tracking, meter } = globalThis.giocondaDriver as unknown as { tracking: { setMarker(on: boolean): void }; meter: Meter };
    const marked = new Map<number, Marked>();
    const note = meter.noteTracked.bind(meter);
    meter.noteTracked = (result) => {
      if (result.marker >= 0) marked.set(result.marker, { capture: result.capture, drawn: result.markerDrawn });
      note(result);
    };
    meter.display.markers = true;
    tracking.setMarker(true);
    Object.assign(globalThis, { marked });
  });
}

/** Milliseconds from what the driver did to when a code was seen, sorted; codes that are none of the driver's are left out. */
export async function lateness(driver: Page, seen: [code: number, at: number][], since: keyof Marked = "drawn"): Promise<number[]> {
  const marked = new Map(await driver.evaluate(() => [...(globalThis as unknown as { marked: Map<number, Marked> }).marked]));
  return seen.flatMap(([code, at]) => {
    const mine = marked.get(code);
    return mine ? [(at - mine[since]) / 1000] : [];
  }).sort((a, b) => a - b);
}

/** The value below which this share of sorted ones lies; NaN of none. */
export function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
