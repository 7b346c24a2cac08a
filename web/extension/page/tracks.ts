/** Tracks that are not what the browser thinks they are: what they say of themselves, and when the last one is gone. */
import { replace } from "./native";

/** Where tracks come from: the camera, or a microphone behind a delay. */
export interface Origin {
  readonly label: string;
  /** What a device would say; of is what the browser says of the track, constraints what was asked of it. */
  settings(of: MediaTrackSettings, constraints: MediaTrackConstraints): MediaTrackSettings;
  capabilities(): MediaTrackCapabilities;
  /** Applies constraints; itself is the browser's own way, for the track. Rejects as the browser does. */
  constrain(constraints: MediaTrackConstraints, itself: Native): Promise<void>;
  /** Another track of the same kind; absent where the browser's own clone will do. */
  clone?(): MediaStreamTrack;
  /** A track has ended; last tells that no other is left. */
  left(track: MediaStreamTrack, last: boolean): void;
}

/** What the browser itself does with a track. */
export interface Native {
  settings(): MediaTrackSettings;
  apply(constraints: MediaTrackConstraints): Promise<void>;
}

interface Known {
  origin: Origin;
  constraints: MediaTrackConstraints;
}

const known = new WeakMap<object, Known>();
/** What lives, by origin. */
const living = new Map<Origin, Set<MediaStreamTrack>>();

/** Makes a track one of origin's; constraints are what it was asked for with. */
export function adopt(track: MediaStreamTrack, origin: Origin, constraints: MediaTrackConstraints): void {
  known.set(track, { origin, constraints });
  const all = living.get(origin) ?? new Set();
  living.set(origin, all.add(track));
  track.addEventListener("ended", () => left(track, origin));
}

/** Ends all tracks of an origin as if its device was taken away. */
export function unplug(origin: Origin): void {
  for (const track of [...living.get(origin) ?? []]) {
    if (track.readyState === "live") MediaStreamTrack.prototype.stop.call(track);
    track.dispatchEvent(new Event("ended"));
  }
}

function left(track: MediaStreamTrack, origin: Origin): void {
  const all = living.get(origin);
  if (!all?.delete(track)) return;
  if (all.size === 0) living.delete(origin);
  origin.left(track, all.size === 0);
}

/** Makes the browser's own functions answer for such tracks. */
export function patchTracks(): void {
  const track = MediaStreamTrack.prototype;
  const nativeSettings = Object.getOwnPropertyDescriptor(track, "getSettings")?.value as () => MediaTrackSettings;
  const ours = (self: unknown): Known | undefined => (typeof self === "object" && self ? known.get(self) : undefined);
  replace(track, "label", (original, self, args) => ours(self)?.origin.label ?? Reflect.apply(original, self, args));
  replace(track, "getSettings", (original, self, args) => {
    const settings = Reflect.apply(original, self, args) as MediaTrackSettings;
    const mine = ours(self);
    return mine ? mine.origin.settings(settings, mine.constraints) : settings;
  });
  replace(track, "getCapabilities", (original, self, args) => ours(self)?.origin.capabilities() ?? Reflect.apply(original, self, args));
  replace(track, "getConstraints", (original, self, args) => structuredClone(ours(self)?.constraints) ?? Reflect.apply(original, self, args));
  replace(track, "applyConstraints", (original, self, args) => {
    const mine = ours(self);
    if (!mine) return Reflect.apply(original, self, args);
    return constrain(mine, args[0] as MediaTrackConstraints | undefined, {
      settings: () => Reflect.apply(nativeSettings, self, []),
      apply: (constraints) => Reflect.apply(original, self, [constraints]) as Promise<void>,
    });
  });
  replace(track, "stop", (original, self, args) => {
    Reflect.apply(original, self, args);
    const mine = ours(self);
    if (mine) left(self as MediaStreamTrack, mine.origin);
  });
  replace(track, "clone", (original, self, args) => {
    const mine = ours(self);
    const from = self as MediaStreamTrack;
    if (!mine || from.readyState !== "live") return Reflect.apply(original, self, args);
    const to = mine.origin.clone?.() ?? Reflect.apply(original, self, args) as MediaStreamTrack;
    to.enabled = from.enabled;
    to.contentHint = from.contentHint;
    adopt(to, mine.origin, mine.constraints);
    // What fitted the one fits the other.
    if (mine.origin.clone && Object.keys(mine.constraints).length > 0) void to.applyConstraints(mine.constraints).catch(() => undefined);
    return to;
  });
  replace(MediaStream.prototype, "clone", (original, self, args) => {
    const tracks = self instanceof MediaStream ? self.getTracks() : [];
    return tracks.some((one) => known.has(one)) ? new MediaStream(tracks.map((one) => one.clone())) : Reflect.apply(original, self, args);
  });
}

async function constrain(mine: Known, constraints: MediaTrackConstraints = {}, itself: Native): Promise<void> {
  await mine.origin.constrain(constraints, itself);
  mine.constraints = structuredClone(constraints);
}
