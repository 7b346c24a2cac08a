/** How long the voice waits: what is measured, without following every wobble of it. */

/** Milliseconds: before anything is measured, at most, and a change that nobody would hear. */
const FIRST = 60;
const MOST = 500;
const STEP = 8;

export class VoiceDelay {
  millis = FIRST;

  /** Takes a new measurement, 0 for none; tells whether the delay has changed. */
  measured(latency: number): boolean {
    if (!(latency > 0)) return false;
    const wanted = Math.min(MOST, Math.round(latency));
    if (Math.abs(wanted - this.millis) < STEP) return false;
    this.millis = wanted;
    return true;
  }
}
