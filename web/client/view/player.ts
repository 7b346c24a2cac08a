/** Puts a stream on the page. */
import { unpackAlpha, type Unpacked } from "./alpha";
import type { ViewOptions } from "./options";

/** A stream on the page. */
export interface Shown {
  /** The first picture is there. */
  readonly started: boolean;
  /** Takes the stream off the page again. */
  end(): void;
}

/** Shows a stream in an element, from its first picture on: until then what is under the page is seen. */
export function showStream(stream: MediaStream, place: HTMLElement, options: Pick<ViewOptions, "fit" | "mirror" | "alpha">): Shown {
  const video = document.createElement("video");
  video.muted = video.autoplay = video.playsInline = video.disableRemotePlayback = true;
  const canvas = options.alpha ? document.createElement("canvas") : null;
  const seen = canvas ?? video;
  seen.style.objectFit = options.fit;
  if (options.mirror) seen.style.transform = "scaleX(-1)";
  seen.style.visibility = "hidden";
  if (canvas) video.style.visibility = "hidden"; // the packed picture is for nobody's eyes
  let started = false;
  video.onloadeddata = () => {
    started = true;
    seen.style.visibility = "";
  };
  video.srcObject = stream;
  place.append(video, ...(canvas ? [canvas] : []));
  const unpacked: Unpacked | null = canvas ? unpackAlpha(video, canvas) : null;
  return {
    get started() {
      return started && (unpacked?.started ?? true);
    },
    end: () => {
      unpacked?.end();
      video.onloadeddata = null;
      video.srcObject = null;
      video.remove();
      canvas?.remove();
    },
  };
}

/** Plays a stream's sound, where the browser lets a page do so that nobody has clicked on: OBS does. */
export function playSound(stream: MediaStream): { end(): void } {
  const audio = new Audio();
  audio.autoplay = true;
  audio.srcObject = stream;
  void audio.play().catch(() => undefined); // it stays silent until somebody clicks
  return {
    end: () => {
      audio.srcObject = null;
    },
  };
}
