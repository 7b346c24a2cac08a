/** Scripts that take from a browser what another lacks, or give a page a camera that the browser has not. */

/** Chromium as a browser whose pages can hand over no frames: the video element has to do, as in Firefox. */
export const WITHOUT_STREAMS = "delete globalThis.MediaStreamTrackProcessor;";

/**
 * Chromium with Safari's division of labour: tracks travel to workers, and only there they can be read. Behind it Chromium's
 * own stream travels, since its tracks do not.
 */
export const TRACKS_TRAVEL = `
  const Processor = globalThis.MediaStreamTrackProcessor;
  delete globalThis.MediaStreamTrackProcessor;
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (message, transfer) {
    if (message.type !== "track") return postMessage.call(this, message, transfer);
    const { readable } = new Processor({ track: message.track, maxBufferSize: 1 });
    postMessage.call(this, { type: "track", track: { frames: readable } }, [readable]);
  };
  globalThis.Worker = class extends Worker {
    constructor(url, options) {
      super(URL.createObjectURL(new Blob(["import " + JSON.stringify(url) + ";" + inWorker], { type: "text/javascript" })), options);
    }
  };
  const inWorker = \`
    globalThis.MediaStreamTrackProcessor = class {
      constructor({ track }) { this.readable = track.frames; }
    };
    const { onmessage } = globalThis;
    globalThis.onmessage = (event) => {
      if (event.data.type === "track") event.data.track.stop = () => undefined;
      onmessage(event);
    };\`;
`;

/** An expression that makes a film, given as base64, the camera of a Firefox page. */
export function filmAsCamera(film: string): string {
  return `(async () => {
    const bytes = Uint8Array.from(atob("${film}"), (letter) => letter.charCodeAt(0));
    const video = document.createElement("video");
    video.muted = video.loop = true;
    video.src = URL.createObjectURL(new Blob([bytes], { type: "video/webm" }));
    await video.play();
    const stream = video.mozCaptureStream();
    navigator.mediaDevices.getUserMedia = () => Promise.resolve(stream);
  })()`;
}
