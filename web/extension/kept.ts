/** What the extension remembers on this device. */
import { isBoolean, isObject, isString, listOf, shape } from "../client/common/json";
import { browser } from "./browser";
import { DEFAULT_SERVER, type Kept } from "./messages";
import { isKnownSite } from "./sites";

const KEY = "gioconda";
const isKept = shape<Kept>({
  on: isBoolean, server: isString, token: isString, salt: isString, sites: listOf(isKnownSite), newSites: isBoolean,
  through: isBoolean,
});

/** Of an extension that is new on this device, but for the salt. */
export const FRESH: Kept = { on: false, server: DEFAULT_SERVER, token: "", salt: "", sites: [], newSites: true, through: false };

export async function loadKept(): Promise<Kept> {
  // Scripts in pages must not read the token; browsers without this switch let only our own scripts read at all.
  await browser.storage.local.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" });
  const stored = (await browser.storage.local.get(KEY))[KEY];
  const kept = { ...FRESH, ...(isObject(stored) ? stored : {}) };
  if (isKept(kept) && kept.salt !== "") return kept;
  const fresh: Kept = { ...FRESH, salt: crypto.randomUUID() };
  await saveKept(fresh);
  return fresh;
}

export function saveKept(kept: Kept): Promise<void> {
  return browser.storage.local.set({ [KEY]: kept });
}

/** The address of a server as a user writes it, with a slash at its end; null where it is none. */
export function serverAddress(text: string): string | null {
  const written = text.trim();
  if (/^(?!https?:)[a-z-]+:\/\//i.test(written)) return null;
  try {
    const url = new URL(/^https?:\/\//i.test(written) ? written : `http://${written}`);
    if (url.hostname === "" || url.username || url.password) return null;
    return `${url.origin}/`;
  } catch {
    return null;
  }
}

/** Ids of the camera for one site: 64 hexadecimal digits, as browsers make them. */
export async function deviceIds(salt: string, origin: string): Promise<{ deviceId: string; groupId: string }> {
  const [deviceId, groupId] = await Promise.all([digest(`${salt} device ${origin}`), digest(`${salt} group ${origin}`)]);
  return { deviceId, groupId };
}

async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
