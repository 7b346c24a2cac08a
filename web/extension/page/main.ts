/**
 * Entry of the script in every page, before any of the page's own: adds the camera to what the page can ask for. What goes
 * wrong in here must leave the page what it would have without us.
 */
import { isObject } from "../../client/common/json";
import type { PageState } from "../messages";
import { Camera } from "./camera";
import { patchDevices, withOurs } from "./devices";
import { Link } from "./link";
import { maskSources, replace } from "./native";
import { patchTracks } from "./tracks";
import { Voices } from "./voice";
import { choose, withoutOurs } from "./wants";

const OFF: PageState = { on: false, deviceId: "", groupId: "", delay: 0 };

type Native = (constraints: unknown) => Promise<MediaStream>;

class PageCamera {
  private state = OFF;
  /** The page has seen our camera by name. */
  private opened = false;
  /** The page asked about devices: changes are its business. */
  private asked = false;
  private readonly link = new Link((state) => this.changed(state));
  private readonly camera = new Camera(this.link, () => this.state);
  private readonly voices = new Voices(() => this.state.delay);

  async enumerate(native: () => Promise<MediaDeviceInfo[]>): Promise<MediaDeviceInfo[]> {
    const [devices] = await Promise.all([native(), this.refresh()]);
    return this.state.on ? withOurs(devices, this.state, this.opened) : devices;
  }

  async open(native: Native, constraints: unknown): Promise<MediaStream> {
    if (!isObject(constraints)) return native(constraints);
    const { video, audio } = constraints;
    const { on } = await this.refresh();
    if (!on && video) this.link.tell({ type: "asks" });
    if (!on || !allowed()) return native(constraints);
    const choice = choose(video, this.state.deviceId, this.state.groupId);
    if (choice === "browser") return native(constraints);
    if (choice === "none") return audio ? this.listen(native, constraints) : native(constraints);
    const { words } = await this.link.ask({ type: "open" }).catch(() => ({ words: "" }));
    if (words !== undefined) return this.real(native, constraints, words);
    const sound = audio ? await this.listen(native, { ...constraints, video: false }) : new MediaStream();
    try {
      sound.addTrack(await this.camera.open(isObject(video) ? video : {}));
      this.opened = true;
      return sound;
    } catch (error) {
      for (const track of sound.getTracks()) track.stop();
      if (error instanceof Error && error.name !== "Error") throw error; // the browser's own refusal
      return this.real(native, constraints, error instanceof Error ? error.message : "");
    }
  }

  /** The real camera, and the words why. */
  private real(native: Native, constraints: Record<string, unknown>, words: string): Promise<MediaStream> {
    if (words) this.link.tell({ type: "trouble", words: words.slice(0, 500) });
    return native({ ...constraints, video: withoutOurs(constraints["video"]) });
  }

  /** The microphone, behind the delay. */
  private async listen(native: Native, constraints: Record<string, unknown>): Promise<MediaStream> {
    const stream = await native(constraints);
    const [microphone] = stream.getAudioTracks();
    if (!microphone) return stream;
    const { audio } = constraints;
    const track = await this.voices.delayed(microphone, isObject(audio) ? audio : {}).catch(() => microphone);
    return track === microphone ? stream : new MediaStream([track]);
  }

  private async refresh(): Promise<PageState> {
    this.asked = true;
    await this.link.ask({ type: "state" }).catch(() => null);
    return this.state;
  }

  private changed(state: PageState): void {
    const switched = this.state !== OFF && state.on !== this.state.on;
    this.state = state;
    this.voices.follow();
    if (!switched) return;
    if (!state.on) this.camera.unplug();
    if (this.asked) navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  }
}

/** Whether whoever framed this page lets it have a camera. */
function allowed(): boolean {
  const { featurePolicy } = document as { featurePolicy?: { allowsFeature(feature: string): boolean } };
  return featurePolicy?.allowsFeature("camera") ?? true;
}

/** The names that came before mediaDevices, with callbacks. */
function patchLegacy(camera: PageCamera): void {
  for (const name of ["getUserMedia", "webkitGetUserMedia", "mozGetUserMedia"]) {
    replace(Navigator.prototype, name, (original, self, [constraints, onStream, onError]) => {
      const native: Native = (wishes) => new Promise((resolve, reject) => void Reflect.apply(original, self, [wishes, resolve, reject]));
      camera.open(native, constraints).then(
        (stream) => typeof onStream === "function" && Reflect.apply(onStream, undefined, [stream]) as unknown,
        (error: unknown) => typeof onError === "function" && Reflect.apply(onError, undefined, [error]) as unknown,
      );
    });
  }
}

function install(): void {
  // Pages that are not secure have no devices.
  if (typeof MediaDevices === "undefined" || !(navigator as Partial<Navigator>).mediaDevices) return;
  const camera = new PageCamera();
  maskSources();
  patchTracks();
  patchDevices();
  replace(MediaDevices.prototype, "enumerateDevices", (original, self) =>
    camera.enumerate(() => Reflect.apply(original, self, []) as Promise<MediaDeviceInfo[]>));
  replace(MediaDevices.prototype, "getUserMedia", (original, self, args) =>
    args.length === 0 ? Reflect.apply(original, self, args) : camera.open((wishes) => Reflect.apply(original, self, [wishes]) as Promise<MediaStream>, args[0]));
  patchLegacy(camera);
}

install();
