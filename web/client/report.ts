/** The report that a user takes away: everything that was measured, with what it was measured on. */
import { type Prefs, settingsOf } from "./prefs";
import type { Snapshot } from "./latency/meter";

export function reportText(version: string, generator: string, prefs: Prefs, marker: boolean, snapshot: Snapshot): string {
  const { persona, playoutDelay, codec, learned, smooth } = prefs;
  return JSON.stringify({
    product: "gioconda", version, generator, userAgent: navigator.userAgent, cores: navigator.hardwareConcurrency,
    page: { width: innerWidth, height: innerHeight },
    settings: { ...settingsOf(prefs), learned, smooth, persona, playoutDelay, codec, marker },
    ...snapshot,
  }, null, 2);
}
