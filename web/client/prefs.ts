/** What the page remembers on this device between visits. */
import { type Check, isBoolean, isNumber, isObject, isString, oneOf, optional, parse, shape } from "./common/json";
import type { Background, Codec, LayerSettings, Settings, Strength } from "./net/messages";

export interface Prefs extends Settings, Pick<LayerSettings, "learned"> {
  /** What sessions of this browser are called, so that their address stays; made up at the first visit. */
  name: string;
  persona: string;
  playoutDelay: boolean;
  codec: Codec;
  /** Single letters and digits act as shortcuts. */
  shortcuts: boolean;
  /** More pictures a second than usual, where the server has a choice. */
  smooth: boolean;
  /** The own picture beside the portrait: shown, and with the picture itself or only its points. */
  selfView: boolean;
  selfPicture: boolean;
  /** Camera to use; empty for the browser's choice. */
  camera: string;
  /** Microphone to use; empty for the browser's choice. Whether it is on is not remembered. */
  microphone: string;
}

const KEY = "gioconda";

const DEFAULTS: Prefs = {
  mirror: true,
  strength: { head: 1, mouth: 1, eyes: 1, brows: 1 },
  background: { mode: "original" },
  idle: true,
  learned: true,
  name: "", persona: "", playoutDelay: true, codec: "auto", smooth: false, shortcuts: true, selfView: true, selfPicture: true, camera: "", microphone: "",
};

const CHECKS: { [K in keyof Prefs]: Check<Prefs[K]> } = {
  mirror: isBoolean,
  strength: shape<Strength>({ head: isNumber, mouth: isNumber, eyes: isNumber, brows: isNumber }),
  // The server keeps a picture of the user's own only for a while: its id there is not remembered, the picture is.
  background: shape<Background>({ mode: oneOf("original", "blur", "color", "image"), color: optional(isString), image: optional(isString) }),
  idle: isBoolean,
  learned: isBoolean,
  name: isName,
  persona: isString, playoutDelay: isBoolean, codec: oneOf("auto", "vp8", "h264"), smooth: isBoolean, shortcuts: isBoolean, selfView: isBoolean,
  selfPicture: isBoolean, camera: isString, microphone: isString,
};

export function loadPrefs(): Prefs {
  let stored = "";
  try {
    stored = localStorage.getItem(KEY) ?? "";
  } catch {
    // A private window without storage.
  }
  const prefs = parsePrefs(stored);
  if (prefs.name === "") {
    prefs.idle = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    prefs.name = makeName();
    savePrefs(prefs);
  }
  return prefs;
}

/** A name that nobody else is likely to have; it is no secret. */
export function makeName(random = Math.random): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  return "portrait-" + Array.from({ length: 4 }, () => letters[Math.floor(random() * letters.length)]).join("");
}

/** What a server lets a session be called. */
function isName(value: unknown): value is string {
  return isString(value) && /^[a-z0-9][a-z0-9-]{0,63}$/.test(value);
}

/** The preferences in text, with defaults for what is missing there or makes no sense. */
export function parsePrefs(text: string): Prefs {
  const prefs = structuredClone(DEFAULTS);
  const stored = parse(text, isObject) ?? {};
  if (isObject(stored["strength"])) stored["strength"] = { ...prefs.strength, ...stored["strength"] };
  for (const [key, check] of Object.entries<Check<unknown>>(CHECKS)) {
    if (check(stored[key])) Object.assign(prefs, { [key]: stored[key] });
  }
  delete prefs.background.image;
  return prefs;
}

export function savePrefs(prefs: Prefs): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs));
  } catch {
    // A private window without storage: the settings last as long as the page.
  }
}

/** What of it a session must be told. */
export function settingsOf({ mirror, strength, background, idle }: Prefs): Settings {
  return { mirror, strength, background, idle };
}
