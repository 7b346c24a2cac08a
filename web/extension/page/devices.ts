/** The camera among the devices of a page. */
import type { PageState } from "../messages";
import { replace } from "./native";

export const LABEL = "Gioconda";
/** The picture that the server makes for calls. */
export const WIDTH = 1280;
export const HEIGHT = 720;
export const RATE = 30;

interface Facts {
  deviceId: string;
  groupId: string;
  label: string;
}

const facts = new WeakMap<object, Facts>();

/** What the camera can do: less is scaled down from the one picture that there is. */
export function capabilities({ deviceId, groupId }: { deviceId: string; groupId: string }): MediaTrackCapabilities {
  return {
    deviceId, groupId, facingMode: [], aspectRatio: { min: 1 / HEIGHT, max: WIDTH }, frameRate: { min: 0, max: RATE },
    width: { min: 1, max: WIDTH }, height: { min: 1, max: HEIGHT },
    ...({ resizeMode: ["none", "crop-and-scale"] } as object),
  };
}

/**
 * The list that a page gets. Before a page may know devices the browser shows one of each kind without a name; a second
 * nameless camera would be odd, and a name would tell too much.
 */
export function withOurs(devices: MediaDeviceInfo[], { deviceId, groupId }: PageState, opened: boolean): MediaDeviceInfo[] {
  const named = opened || devices.some(({ label }) => label !== "");
  const hasCamera = devices.some(({ kind }) => kind === "videoinput");
  if (!named && hasCamera) return devices;
  const ours = makeDevice(named ? { deviceId, groupId, label: LABEL } : { deviceId: "", groupId: "", label: "" });
  const others = devices.filter(({ kind, label }) => kind !== "videoinput" || !named || label !== "");
  const at = others.findLastIndex(({ kind }) => kind === "audioinput") + 1;
  return [...others.slice(0, at), ours, ...others.slice(at)];
}

function makeDevice(of: Facts): MediaDeviceInfo {
  const kind = (globalThis as { InputDeviceInfo?: { prototype: object } }).InputDeviceInfo ?? MediaDeviceInfo;
  const device = Object.create(kind.prototype) as MediaDeviceInfo;
  facts.set(device, of);
  return device;
}

/** Makes the browser's own functions answer for our device. */
export function patchDevices(): void {
  const of = (self: unknown): Facts | undefined => (typeof self === "object" && self ? facts.get(self) : undefined);
  for (const key of ["deviceId", "groupId", "label"] as const) {
    replace(MediaDeviceInfo.prototype, key, (original, self, args) => of(self)?.[key] ?? Reflect.apply(original, self, args));
  }
  replace(MediaDeviceInfo.prototype, "kind", (original, self, args) => (of(self) ? "videoinput" : Reflect.apply(original, self, args)));
  replace(MediaDeviceInfo.prototype, "toJSON", (original, self, args) => {
    const mine = of(self);
    if (!mine) return Reflect.apply(original, self, args);
    const { deviceId, groupId, label } = mine;
    return { deviceId, kind: "videoinput", label, groupId };
  });
  const input = (globalThis as { InputDeviceInfo?: { prototype: object } }).InputDeviceInfo?.prototype;
  replace(input, "getCapabilities", (original, self, args) => {
    const mine = of(self);
    if (!mine) return Reflect.apply(original, self, args);
    return mine.deviceId === "" ? {} : capabilities(mine);
  });
}
