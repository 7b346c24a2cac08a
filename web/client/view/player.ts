/** Puts a stream on the page. */
import { unpackAlpha } from "./alpha";
import type { ViewOptions } from "./options";

/** A stream on the page. */
export interface Shown {
  /** The first picture is there. */
  readonly started: boolean;
  /** Takes the stream off the page again. */
  end(): void;
}

type Look = Pick<ViewOptions, "fit" | "mirror" | "alpha">;

/** Shows a stream in an element, from its first picture on: until then what is under the page is seen. */
export function showStream(stream: MediaStream, place: HTMLElement, look: Look): Shown {
  return look.alpha ? showPacked(stream, place, look) : showPlain(stream, place, look);
}

function newVideo(): HTMLVideoElement {
  const video = document.createElement("video");
  video.muted = video.autoplay = video.playsInline = video.disableRemotePlayback = true;
  return video;
}

function dress({ style }: HTMLElement, { fit, mirror }: Look): void {
  style.objectFit = fit;
  if (mirror) style.transform = "scaleX(-1)";
}

function showPlain(stream: MediaStream, place: HTMLElement, look: Look): Shown {
  const video = newVideo();
  dress(video, look);
  video.style.visibility = "hidden";
  let started = false;
  video.onloadeddata = () => {
    started = true;
    video.style.visibility = "";
  };
  video.srcObject = stream;
  place.append(video);
  return {
    get started() {
      return started;
    },
    end: () => {
      video.onloadeddata = null;
      video.srcObject = null;
      video.remove();
    },
  };
}

/** Shows a stream of pictures packed with their matte: on a canvas, which is transparent until the first. */
function showPacked(stream: MediaStream, place: HTMLElement, look: Look): Shown {
  const video = newVideo();
  const canvas = document.createElement("canvas");
  dress(canvas, look);
  const unpacked = unpackAlpha(video, canvas);
  video.srcObject = stream;
  // It has to be in the page to be shown at once, and is not to be seen.
  video.style.opacity = "0";
  place.append(video, canvas);
  return {
    get started() {
      return unpacked.started;
    },
    end: () => {
      unpacked.end();
      video.srcObject = null;
      video.remove();
      canvas.remove();
    },
  };
}
