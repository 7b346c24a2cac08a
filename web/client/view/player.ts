/** Puts a stream on the page. */
import type { ViewOptions } from "./options";

/** A stream on the page. */
export interface Shown {
  /** The first picture is there. */
  readonly started: boolean;
  /** Takes the stream off the page again. */
  end(): void;
}

/** Shows a stream in an element, from its first picture on: until then what is under the page is seen. */
export function showStream(stream: MediaStream, place: HTMLElement, { fit, mirror }: Pick<ViewOptions, "fit" | "mirror">): Shown {
  const video = document.createElement("video");
  video.muted = video.autoplay = video.playsInline = video.disableRemotePlayback = true;
  video.style.objectFit = fit;
  if (mirror) video.style.transform = "scaleX(-1)";
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
