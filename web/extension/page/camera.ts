/** The camera of a page: one connection to the session, and as many tracks of it as the page asks for. */
import { Watcher } from "../../client/view/watcher";
import { type Fetch, Viewing } from "../../client/view/whep";
import type { PageState } from "../messages";
import { type Branch, type Composer, makeComposer } from "./composer";
import { capabilities, HEIGHT, LABEL, RATE, WIDTH } from "./devices";
import type { Link } from "./link";
import { adopt, type Native, type Origin, unplug } from "./tracks";
import { beyond, shapeOf } from "./wants";

/** Milliseconds that a page waits for the first picture. */
const FIRST_LIMIT = 15_000;
/** Milliseconds for a new track to show its first picture, and between looks. */
const SIZE_LIMIT = 1500;
const SIZE_EVERY = 20;
const NO_PICTURE = "No picture came from Gioconda; this page has the real camera.";
/** Where the session is, as far as the page knows; the extension knows the rest. */
const ENDPOINT = "https://gioconda.invalid/";

export class Camera implements Origin {
  readonly label = LABEL;
  private composer: Composer | null = null;
  private watcher: Watcher | null = null;
  private first: Promise<void> = Promise.resolve();
  private giveUp: (error: Error) => void = () => undefined;
  /** Calls that wait for the first picture or have a track: the camera runs for them. */
  private waiting = 0;
  private used = false;
  private readonly branches = new Map<MediaStreamTrack, Branch>();

  constructor(private readonly link: Link, private readonly state: () => PageState) {}

  /** A track, once there is a picture; rejects with a sentence where none comes, or as the browser does about constraints. */
  async open(constraints: MediaTrackConstraints): Promise<MediaStreamTrack> {
    this.waiting++;
    try {
      if (!this.composer) this.start();
      await this.first;
      const track = this.clone();
      adopt(track, this, constraints);
      this.used = true;
      try {
        // The browser knows the picture's size by now: it scales, and refuses what it cannot do, as it does for cameras.
        if (Object.keys(shapeOf(constraints)).length > 0) await track.applyConstraints(constraints);
      } catch (error) {
        track.stop();
        throw error;
      }
      return track;
    } finally {
      this.waiting--;
      this.endUnused();
    }
  }

  /** The device is taken away from the page; who waits for it gets the real one. */
  unplug(): void {
    this.giveUp(new Error(""));
    unplug(this);
  }

  settings(of: MediaTrackSettings, { frameRate }: MediaTrackConstraints): MediaTrackSettings {
    const { deviceId, groupId } = this.state();
    const { exact, max = RATE } = typeof frameRate === "object" ? frameRate : {};
    // The browser's is measured, and never the same; a camera's is what it was set to.
    const rate = { frameRate: Math.min(RATE, exact ?? max) };
    return { aspectRatio: WIDTH / HEIGHT, width: WIDTH, height: HEIGHT, resizeMode: "none", ...of, ...rate, deviceId, groupId } as MediaTrackSettings;
  }

  capabilities(): MediaTrackCapabilities {
    return capabilities(this.state());
  }

  /** What is about the device is ours to judge; the rest is the browser's. */
  async constrain(constraints: MediaTrackConstraints, itself: Native): Promise<void> {
    const { deviceId, groupId } = constraints;
    const mine = this.state();
    for (const [name, value, own] of [["deviceId", deviceId, mine.deviceId], ["groupId", groupId, mine.groupId]] as const) {
      const exact = typeof value === "object" && "exact" in value ? [value.exact].flat() : [];
      if (exact.length > 0 && !exact.includes(own)) throw overconstrained(name);
    }
    await sized(itself);
    const shape = shapeOf(constraints);
    try {
      await itself.apply(shape);
    } catch (error) {
      // Not every browser scales every track: within what the camera can do the picture then stays as it is.
      const [name] = beyond(shape, { width: WIDTH, height: HEIGHT, frameRate: RATE });
      if (name) throw overconstrained(name);
      if (!(error instanceof Error) || error.name !== "OverconstrainedError") throw error;
    }
  }

  /** A track of the picture; only while the camera runs. */
  clone(): MediaStreamTrack {
    if (!this.composer) throw new Error(NO_PICTURE);
    const branch = this.composer.branch();
    this.branches.set(branch.track, branch);
    return branch.track;
  }

  left(track: MediaStreamTrack, last: boolean): void {
    this.branches.get(track)?.end();
    this.branches.delete(track);
    if (!last) return;
    this.used = false;
    this.endUnused();
  }

  private start(): void {
    const composer = makeComposer();
    this.composer = composer;
    const send: Fetch = (address, init) => this.request(address, init);
    this.first = new Promise((resolve, reject) => {
      this.giveUp = reject;
      const timer = setTimeout(() => reject(new Error(NO_PICTURE)), FIRST_LIMIT);
      this.watcher = new Watcher((events) => new Viewing(ENDPOINT, events, false, send), {
        onStream: (stream) => {
          const [track] = stream.getVideoTracks();
          if (track) {
            composer.feed(track, () => {
              clearTimeout(timer);
              resolve();
            });
          }
        },
        onIdle: (words) => {
          if (words) reject(new Error(words));
        },
      });
    });
    this.first.catch(() => undefined); // all who wait hear of it
    this.watcher?.start();
    this.link.tell({ type: "using", live: true });
  }

  private endUnused(): void {
    if (this.waiting > 0 || this.used || !this.composer) return;
    this.watcher?.stop();
    this.composer.close();
    this.composer = this.watcher = null;
    this.link.tell({ type: "using", live: false });
  }

  /** Has the extension ask the server: pages themselves may not. */
  private async request(address: string, init: RequestInit): Promise<Response> {
    const { method = "POST", body, headers } = init;
    const tag = new Headers(headers).get("If-Match") ?? "";
    const { whep } = await this.link.ask({
      type: "whep", method: method as "POST", path: address === ENDPOINT ? "" : new URL(address).pathname, body: typeof body === "string" ? body : "", tag,
    });
    if (!whep || whep.status === 0) throw new TypeError("the server cannot be reached");
    // A Response with these states may have no body.
    return new Response([204, 205, 304].includes(whep.status) ? null : whep.body, { status: whep.status, headers: whep.headers });
  }
}

/** Until the browser knows how large the pictures of a new track are: before that it refuses everything. */
async function sized(track: Native): Promise<void> {
  for (let waited = 0; !track.settings().width && waited < SIZE_LIMIT; waited += SIZE_EVERY) {
    await new Promise((resolve) => setTimeout(resolve, SIZE_EVERY));
  }
}

/** As browsers refuse; not all have the constructor. */
export function overconstrained(constraint: string): Error {
  const Native = (globalThis as { OverconstrainedError?: new (constraint: string, message?: string) => Error }).OverconstrainedError;
  return Native ? new Native(constraint, "") : new DOMException(constraint, "OverconstrainedError");
}
