/** A call of two in one page, and what its far side shows. */
import type { Page } from "playwright-core";

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

/** Calls; resolves once the far side shows something. */
export async function call(page: Page, audio = false): Promise<string> {
  return page.evaluate(async (withAudio) => {
    const near = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } }, audio: withAudio });
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
  }, audio);
}

/**
 * Waits until the far side has shown so many frames. Tells frames a second, how much the picture changes from the first to a
 * later one (levels of 255), and how light it is.
 */
export function far(page: Page, frames = 10): Promise<{ rate: number; change: number; light: number }> {
  return page.evaluate(async (wanted) => {
    const { video } = globalThis.call;
    const look = (): Uint8ClampedArray => {
      const context = new OffscreenCanvas(64, 36).getContext("2d")!;
      context.drawImage(video, 0, 0, 64, 36);
      return context.getImageData(0, 0, 64, 36).data;
    };
    const before = video.getVideoPlaybackQuality().totalVideoFrames;
    const shown = (): number => video.getVideoPlaybackQuality().totalVideoFrames - before;
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
