/** A call of two in one page, and what its far side shows. */

/** A page, of whichever browser. */
export interface Evaluates {
  evaluate<R, A>(pageFunction: (argument: A) => R | Promise<R>, argument: A): Promise<R>;
}

/** What the near side gets from getUserMedia, the far side shows. */
export interface Call {
  near: MediaStream;
  far: MediaStream;
  video: HTMLVideoElement;
}
declare global {
  var call: Call;
  /** What was put before Web Audio's delay, and what came out. */
  var raw: MediaStream | undefined;
  var delay: DelayNode;
}

/** A call's page that keeps what the extension gives to Web Audio, to compare. */
export const LISTENING = `<!doctype html><title>A call</title><script>
  const make = AudioContext.prototype.createMediaStreamSource;
  AudioContext.prototype.createMediaStreamSource = function (stream) { window.raw ??= stream; return make.call(this, stream); };
  const wait = AudioContext.prototype.createDelay;
  AudioContext.prototype.createDelay = function (most) { return window.delay = wait.call(this, most); };
</script>`;

/**
 * Calls; resolves with the near side's label once the far side shows something. The near side shows what getUserMedia gives, or, where
 * an endpoint is named, what that plays, as it comes (injectDirect before).
 */
export async function call(page: Evaluates, audio = false, endpoint = ""): Promise<string> {
  return page.evaluate(async ([withAudio, played]) => {
    const near = played ? await globalThis.direct(played)
      : await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } }, audio: withAudio });
    const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
    from.onicecandidate = ({ candidate }) => void to.addIceCandidate(candidate ?? undefined);
    to.onicecandidate = ({ candidate }) => void from.addIceCandidate(candidate ?? undefined);
    const far = new MediaStream();
    to.ontrack = ({ track }) => far.addTrack(track);
    for (const track of near.getTracks()) from.addTrack(track, near);
    await from.setLocalDescription();
    await to.setRemoteDescription(from.localDescription!);
    await to.setLocalDescription();
    await from.setRemoteDescription(to.localDescription!);
    const video = document.body.appendChild(document.createElement("video"));
    video.muted = video.autoplay = true;
    video.srcObject = far;
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    globalThis.call = { near, far, video };
    return near.getVideoTracks()[0]!.label;
  }, [audio, endpoint] as const);
}

/**
 * Waits until the far side has shown so many frames. Tells frames a second, how much the picture changes from the first to a
 * later one (levels of 255), and how light it is.
 */
export function far(page: Evaluates, frames = 10): Promise<{ rate: number; change: number; light: number }> {
  return page.evaluate(async (wanted) => {
    const { video } = globalThis.call;
    const look = (): Uint8ClampedArray => {
      const context = new OffscreenCanvas(64, 36).getContext("2d")!;
      context.drawImage(video, 0, 0, 64, 36);
      return context.getImageData(0, 0, 64, 36).data;
    };
    const before = video.getVideoPlaybackQuality().totalVideoFrames;
    // Firefox counts no frames of a call; what it presents it tells.
    let presented = 0, begun = -1;
    const note = (_: number, { presentedFrames }: VideoFrameCallbackMetadata): void => {
      if (begun < 0) begun = presentedFrames;
      presented = presentedFrames - begun;
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
    const shown = (): number => Math.max(video.getVideoPlaybackQuality().totalVideoFrames - before, presented);
    const from = performance.now();
    const passed = (): number => (performance.now() - from) / 1000;
    const first = look();
    let change = 0;
    while (shown() < wanted) {
      if (passed() > 30) throw new Error(`only ${shown()} frames in 30 s`);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const now = look();
      change = Math.max(change, now.reduce((sum, level, i) => sum + Math.abs(level - first[i]!), 0) / now.length);
    }
    return { rate: shown() / passed(), change, light: first.reduce((sum, level) => sum + level, 0) / first.length };
  }, frames);
}

/**
 * How much a video of one page looks like a video of another: the correlation of their light on a coarse grid, 1 for the same. Only the
 * square in the middle counts, where the portrait is in a wide picture.
 */
export async function likeness(one: Evaluates, oneVideo: string, other: Evaluates, otherVideo: string): Promise<number> {
  const look = (page: Evaluates, selector: string): Promise<number[]> => page.evaluate((which) => {
    const video = document.querySelector<HTMLVideoElement>(which)!;
    const context = new OffscreenCanvas(24, 24).getContext("2d")!;
    const { videoWidth: width, videoHeight: height } = video;
    const side = Math.min(width, height);
    context.drawImage(video, (width - side) / 2, (height - side) / 2, side, side, 0, 0, 24, 24);
    const { data } = context.getImageData(0, 0, 24, 24);
    return Array.from({ length: 576 }, (_, i) => data[4 * i]! + data[4 * i + 1]! + data[4 * i + 2]!);
  }, selector);
  const [a, b] = [await look(one, oneVideo), await look(other, otherVideo)];
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (f: (i: number) => number): number => a.reduce((all, _, i) => all + f(i), 0);
  return sum((i) => (a[i]! - ma) * (b[i]! - mb)) / Math.sqrt(sum((i) => (a[i]! - ma) ** 2) * sum((i) => (b[i]! - mb) ** 2) || 1);
}
