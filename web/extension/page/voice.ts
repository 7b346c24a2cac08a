/** The microphone behind a delay, so that the voice comes with the picture of the same moment. */
import { adopt, type Origin, unplug } from "./tracks";

/** Seconds; what is measured is a tenth of it. */
const MOST = 1;
/** Milliseconds for the sound to start: a browser may keep a page silent until it is clicked on. */
const START_LIMIT = 500;
/** Seconds over which another delay comes into force, so that nothing crackles. */
const GLIDE = 0.3;

export class Voices {
  private context: AudioContext | null = null;
  private readonly delays = new Set<DelayNode>();

  /** delay gives milliseconds. */
  constructor(private readonly delay: () => number) {}

  /** The same microphone, later; itself where the browser will not have it. constraints are what it was asked for with. */
  async delayed(microphone: MediaStreamTrack, constraints: MediaTrackConstraints): Promise<MediaStreamTrack> {
    this.context ??= new AudioContext({ latencyHint: "interactive" });
    const { context } = this;
    if (!await runs(context)) return microphone;
    const source = context.createMediaStreamSource(new MediaStream([microphone]));
    const node = context.createDelay(MOST);
    const destination = context.createMediaStreamDestination();
    node.delayTime.value = this.delay() / 1000;
    source.connect(node).connect(destination);
    const [track] = destination.stream.getAudioTracks();
    if (!track) return microphone;
    this.delays.add(node);
    const origin = new Microphone(microphone, () => {
      this.delays.delete(node);
      source.disconnect();
      node.disconnect();
      if (this.delays.size > 0) return;
      void context.close();
      if (this.context === context) this.context = null;
    });
    microphone.addEventListener("ended", () => unplug(origin));
    adopt(track, origin, constraints);
    return track;
  }

  /** The delay has changed. */
  follow(): void {
    for (const { delayTime, context } of this.delays) delayTime.setTargetAtTime(this.delay() / 1000, context.currentTime, GLIDE);
  }
}

/** What lies before the delay answers for what lies behind it. */
class Microphone implements Origin {
  constructor(private readonly track: MediaStreamTrack, private readonly onReleased: () => void) {}

  get label(): string {
    return this.track.label;
  }

  settings(): MediaTrackSettings {
    return this.track.getSettings();
  }

  capabilities(): MediaTrackCapabilities {
    return this.track.getCapabilities();
  }

  constrain(constraints: MediaTrackConstraints): Promise<void> {
    return this.track.applyConstraints(constraints);
  }

  left(_: MediaStreamTrack, last: boolean): void {
    if (!last) return;
    this.track.stop();
    this.onReleased();
  }
}

async function runs(context: AudioContext): Promise<boolean> {
  if (context.state === "running") return true;
  const late = new Promise<void>((resolve) => setTimeout(resolve, START_LIMIT));
  await Promise.race([context.resume().catch(() => undefined), late]);
  // Read anew: it may have changed meanwhile.
  return (context as { state: AudioContextState }).state === "running";
}
