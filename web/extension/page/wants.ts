/** Reads what a page wants of getUserMedia, in all forms that pages use. */
import { isObject, isString } from "../../client/common/json";

/** What a request for video leads to: our camera, whatever the browser makes of it, or nothing. */
export type Choice = "ours" | "browser" | "none";

interface Ids {
  exact: string[];
  ideal: string[];
}

/**
 * Whose camera the video constraints mean. Without a word about a device it is ours; one that names another is that one's.
 * Screens and tabs (chromeMediaSource, mediaSource) are the browser's.
 */
export function choose(video: unknown, deviceId: string, groupId: string): Choice {
  if (video === undefined || video === false || video === null) return "none";
  if (!isObject(video)) return "ours";
  if (isScreen(video)) return "browser";
  const groups = idsOf(video, "groupId");
  if (groups.exact.length > 0 && !groups.exact.includes(groupId)) return "browser";
  const { exact, ideal } = idsOf(video, "deviceId");
  const named = exact.length > 0 ? exact : ideal;
  if (named.length > 0) return named.includes(deviceId) ? "ours" : "browser";
  const facing = valuesOf(video["facingMode"]).exact;
  return facing.length > 0 && !facing.includes("user") ? "browser" : "ours";
}

/** The same wishes without our device, which the browser does not know. */
export function withoutOurs(video: unknown): unknown {
  if (!isObject(video)) return video;
  const { deviceId: _, groupId: __, ...rest } = video;
  const legacy = isObject(rest["mandatory"]) ? { mandatory: without(rest["mandatory"], "sourceId") } : {};
  const optional = rest["optional"];
  const chosen = Array.isArray(optional) ? { optional: optional.filter((o) => !isObject(o) || !("sourceId" in o)) } : {};
  const advanced = rest["advanced"];
  const sets = Array.isArray(advanced) ? { advanced: advanced.map((set) => (isObject(set) ? without(set, "deviceId", "groupId") : set) as unknown) } : {};
  return { ...rest, ...legacy, ...chosen, ...sets };
}

/** What the browser can apply to a picture of ours: sizes and rates in today's form; the old one is translated. */
export function shapeOf(video: unknown): MediaTrackConstraints {
  if (!isObject(video)) return {};
  const shape: Record<string, unknown> = {};
  for (const key of ["width", "height", "aspectRatio", "frameRate", "resizeMode"]) if (key in video) shape[key] = video[key];
  if (isObject(video["mandatory"])) Object.assign(shape, fromLegacy(video["mandatory"]));
  return shape;
}

/** Names of the constraints that ask for more than a camera has. */
export function beyond(shape: MediaTrackConstraints, most: { width: number; height: number; frameRate: number }): string[] {
  return (["width", "height", "frameRate"] as const).filter((name) => {
    const value = shape[name];
    return typeof value === "object" && Math.max(value.exact ?? 0, value.min ?? 0) > most[name];
  });
}

/** minWidth, maxFrameRate and their like. */
function fromLegacy(mandatory: Record<string, unknown>): Record<string, unknown> {
  const shape: Record<string, Record<string, unknown>> = {};
  for (const [key, value] of Object.entries(mandatory)) {
    const [, bound, what] = /^(min|max)(Width|Height|FrameRate|AspectRatio)$/.exec(key) ?? [];
    if (!bound || !what) continue;
    const name = what.charAt(0).toLowerCase() + what.slice(1);
    shape[name] = { ...shape[name], [bound]: value };
  }
  return shape;
}

function isScreen(video: Record<string, unknown>): boolean {
  const sets = [video, video["mandatory"], ...(Array.isArray(video["optional"]) ? video["optional"] as unknown[] : [])];
  return sets.some((set) => isObject(set) && ["chromeMediaSource", "chromeMediaSourceId", "mediaSource"].some((key) => key in set && set[key] !== "camera"));
}

function idsOf(video: Record<string, unknown>, key: "deviceId" | "groupId"): Ids {
  const ids = valuesOf(video[key]);
  const advanced = Array.isArray(video["advanced"]) ? video["advanced"] as unknown[] : [];
  for (const set of advanced) if (isObject(set)) ids.ideal.push(...all(valuesOf(set[key])));
  if (key === "deviceId") {
    if (isObject(video["mandatory"])) ids.exact.push(...texts(video["mandatory"]["sourceId"]));
    const optional = Array.isArray(video["optional"]) ? video["optional"] as unknown[] : [];
    for (const set of optional) if (isObject(set)) ids.ideal.push(...texts(set["sourceId"]));
  }
  // "default" is nobody's, and an empty text is what pages keep that were never told one.
  const real = (id: string): boolean => id !== "" && id !== "default";
  return { exact: ids.exact.filter(real), ideal: ids.ideal.filter(real) };
}

function valuesOf(value: unknown): Ids {
  if (!isObject(value)) return { exact: [], ideal: texts(value) };
  return { exact: texts(value["exact"]), ideal: texts(value["ideal"]) };
}

function all({ exact, ideal }: Ids): string[] {
  return [...exact, ...ideal];
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value as unknown[] : [value]).filter(isString);
}

function without(set: Record<string, unknown>, ...keys: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(set).filter(([key]) => !keys.includes(key)));
}
