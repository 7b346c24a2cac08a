/** What the parts of the extension say to each other. What comes from a page is hostile: it is checked where it arrives. */
import { type Check, isBoolean, isNumber, isObject, isString, oneOf, optional, shape } from "../client/common/json";
import type { KnownSite } from "./sites";

/** What a page may know. */
export interface PageState {
  /** The camera is there for this page. */
  on: boolean;
  /** Of the camera, the same for a site as long as the extension is installed. */
  deviceId: string;
  groupId: string;
  /** Milliseconds that the voice waits for the picture. */
  delay: number;
}

/** A request of WHEP that the extension makes for a page. path is "" for the session, or what an answer's Location was. */
export interface WhepRequest {
  method: "HEAD" | "POST" | "PATCH" | "DELETE";
  path: string;
  body: string;
  /** Of If-Match. */
  tag: string;
}

/** status is 0 where the server cannot be reached. */
export interface WhepAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** From a page, over its bridge. */
export type FromPage =
  | { type: "state"; id: number }
  /** Somebody wants the picture: is there one? */
  | { type: "open"; id: number }
  | ({ type: "whep"; id: number } & WhepRequest)
  /** Whether the page shows the camera now. */
  | { type: "using"; live: boolean }
  /** The page asked for a camera, and gets its real one since the portrait is not for it. */
  | { type: "asks" }
  /** The page got its real camera instead; words say why, in a sentence. */
  | { type: "trouble"; words: string };

/** To a page. */
export type ToPage =
  | { type: "state"; state: PageState }
  | { type: "answer"; id: number; state?: PageState; words?: string; whep?: WhepAnswer };

const MAX_BODY = 65_536;
const isShort: Check<string> = (value): value is string => isString(value) && value.length <= 512;
const isBody: Check<string> = (value): value is string => isString(value) && value.length <= MAX_BODY;

const isWhep = shape<{ type: "whep"; id: number } & WhepRequest>({
  type: oneOf("whep"), id: isNumber, method: oneOf("HEAD", "POST", "PATCH", "DELETE"), path: isShort, body: isBody, tag: isShort,
});
const isQuestion = shape<{ type: "state" | "open"; id: number }>({ type: oneOf("state", "open"), id: isNumber });
const isUsing = shape<{ type: "using"; live: boolean }>({ type: oneOf("using"), live: isBoolean });
const isAsking = shape<{ type: "asks" }>({ type: oneOf("asks") });
const isTrouble = shape<{ type: "trouble"; words: string }>({ type: oneOf("trouble"), words: isShort });

export const isFromPage: Check<FromPage> = (value): value is FromPage =>
  isQuestion(value) || isWhep(value) || isUsing(value) || isAsking(value) || isTrouble(value);

const isPageState = shape<PageState>({ on: isBoolean, deviceId: isString, groupId: isString, delay: isNumber });
const isHeaders: Check<Record<string, string>> = (value): value is Record<string, string> =>
  isObject(value) && Object.values(value).every(isString);
const isAnswer = shape<ToPage & { type: "answer" }>({
  type: oneOf("answer"), id: isNumber, state: optional(isPageState), words: optional(isString),
  whep: optional(shape<WhepAnswer>({ status: isNumber, headers: isHeaders, body: isString })),
});
const isNews = shape<ToPage & { type: "state" }>({ type: oneOf("state"), state: isPageState });

export const isToPage: Check<ToPage> = (value): value is ToPage => isAnswer(value) || isNews(value);

/** What the driver tells. */
export interface DriverState {
  /** Of the session, "" before there is one. */
  name: string;
  live: boolean;
  /** What it does, or what is wrong, in a sentence. */
  words: string;
  /** A word of trouble that the user should hear of even when the driver is not in sight, or "". */
  trouble: string;
  persona: string;
  personas: { id: string; name: string }[];
  camera: boolean;
  panic: boolean;
  /** Milliseconds from the camera's picture to the page that shows the portrait; 0 where not measured. */
  latency: number;
  /** The server will have none of this extension: waiting does not help. */
  refused: boolean;
}

/** From the driver. */
export type FromDriver =
  | { type: "state"; state: DriverState }
  | { type: "answer"; id: number; whep: WhepAnswer };

/** What the driver is asked to do. */
export type ToDriver =
  | { type: "panic"; on: boolean }
  | { type: "persona"; id: string }
  | { type: "calibrate" }
  | { type: "camera"; on: boolean }
  /** Another window drives from now on: two would fight for the camera and the name. */
  | { type: "over" }
  /** A page wants its picture from the driver itself. */
  | { type: "viewer"; id: number; method: string; path: string; body: string }
  | { type: "server"; server: string; token: string };

/** What is kept on this device. */
export interface Kept {
  on: boolean;
  /** Address of the server, with a slash at its end. */
  server: string;
  token: string;
  /** Makes the ids of the camera differ between sites. */
  salt: string;
  /** Sites that asked for a camera, the newest last. */
  sites: KnownSite[];
  /** A site that asks for the first time gets the portrait. */
  newSites: boolean;
  /** Pages get the picture from the driver's tab, not from the server. */
  through: boolean;
}

/** A page that shows the camera. */
export interface Site {
  origin: string;
  title: string;
}

/** What the popup shows. */
export interface PopupState {
  on: boolean;
  server: string;
  hasToken: boolean;
  trouble: string;
  driver: DriverState | null;
  /** Those that show it now. */
  sites: Site[];
  /** Those that ever asked, the newest last. */
  known: KnownSite[];
  newSites: boolean;
  through: boolean;
}

/** What the popup asks for. */
export type FromPopup =
  | { type: "on"; on: boolean }
  | { type: "show-driver" }
  | ({ type: "site" } & KnownSite)
  | { type: "new-sites"; on: boolean }
  | { type: "forget-sites" }
  | { type: "through"; on: boolean }
  | { type: "server"; server: string; token: string }
  | { type: "driver"; message: ToDriver };

/** Names of the ports. */
export const PORTS = { page: "page", driver: "driver", popup: "popup" } as const;

/** The server on this machine. */
export const DEFAULT_SERVER = "http://127.0.0.1:8080/";
