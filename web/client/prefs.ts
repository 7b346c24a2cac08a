/** What the page remembers on this device between visits. */
import type { Codec, LayerSettings, Settings } from "./net/messages";

export interface Prefs extends Settings, Pick<LayerSettings, "learned"> {
  persona: string;
  playoutDelay: boolean;
  codec: Codec;
  /** Single letters and digits act as shortcuts. */
  shortcuts: boolean;
  /** The own picture beside the portrait: shown, and with the picture itself or only its points. */
  selfView: boolean;
  selfPicture: boolean;
  /** Camera to use; empty for the browser's choice. */
  camera: string;
}

const KEY = "gioconda";

const DEFAULTS: Prefs = {
  mirror: true,
  strength: { head: 1, mouth: 1, eyes: 1, brows: 1 },
  background: { mode: "original" },
  learned: true,
  persona: "", playoutDelay: true, codec: "auto", shortcuts: true, selfView: true, selfPicture: true, camera: "",
};

export function loadPrefs(): Prefs {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Prefs>;
    // The server keeps a backdrop only for a while.
    if (stored.background?.mode === "image") delete stored.background;
    return { ...DEFAULTS, ...stored, strength: { ...DEFAULTS.strength, ...stored.strength } };
  } catch {
    return { ...DEFAULTS };
  }
}

export function savePrefs(prefs: Prefs): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs));
  } catch {
    // A private window without storage: the settings last as long as the page.
  }
}

export function settingsOf({ mirror, strength, background }: Prefs): Settings {
  return { mirror, strength, background };
}
