/** Which sites have the camera: what is known of each, and what the user decided. */
import { isBoolean, isString, shape } from "../client/common/json";

/** A site that asked for a camera. */
export interface KnownSite {
  origin: string;
  /** It gets the portrait; otherwise its real camera. */
  on: boolean;
}

export const isKnownSite = shape<KnownSite>({ origin: isString, on: isBoolean });

/** So many are kept, the newest. */
const MOST = 100;

/** Whether a site gets the portrait; one that is not known as newSites says. */
export function isOnFor(known: readonly KnownSite[], origin: string, newSites: boolean): boolean {
  return known.find((site) => site.origin === origin)?.on ?? newSites;
}

/** With this site as the newest. Where there are too many, those go first that would get the portrait again anyway. */
export function withSite(known: readonly KnownSite[], site: KnownSite): KnownSite[] {
  const others = known.filter(({ origin }) => origin !== site.origin);
  while (others.length >= MOST) {
    const oldest = others.findIndex(({ on }) => on);
    others.splice(Math.max(oldest, 0), 1);
  }
  return [...others, site];
}

/** Of the address of a page whose browser does not tell it. */
export function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return "null";
  }
}
