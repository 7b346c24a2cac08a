/** Keeps what is seen on this device: one picture, or a film with the driver's own sound. */
import { Problem } from "../common/problem";

/** Forms of a film, the best first; what a browser writes of them differs. */
const FORMS = ["video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const BITS_PER_SECOND = 4_000_000;
/** A film is kept in memory until it is saved: so much of it, bytes, and no more. */
const MOST = 1 << 30;

export interface RecorderEvents {
  /** The film is whole. full: it ended because no more would fit. */
  onDone(film: Blob, full: boolean): void;
}

export class Recorder {
  private recorder: MediaRecorder | null = null;

  constructor(private readonly events: RecorderEvents) {}

  static get form(): string | undefined {
    return typeof MediaRecorder === "undefined" ? undefined : FORMS.find((form) => MediaRecorder.isTypeSupported(form));
  }

  get running(): boolean {
    return this.recorder !== null;
  }

  /** Records these tracks until stop. Throws where the browser cannot. */
  start(tracks: MediaStreamTrack[]): void {
    const mimeType = Recorder.form;
    if (!mimeType) throw new Problem("no_recorder", "This browser cannot record; use the recording in “Use it” instead.");
    const parts: Blob[] = [];
    let size = 0, full = false;
    const recorder = new MediaRecorder(new MediaStream(tracks), { mimeType, videoBitsPerSecond: BITS_PER_SECOND });
    this.recorder = recorder;
    recorder.ondataavailable = ({ data }) => {
      parts.push(data);
      size += data.size;
      full = size > MOST;
      if (full) this.stop();
    };
    recorder.onstop = () => {
      this.recorder = null;
      this.events.onDone(new Blob(parts, { type: mimeType.split(";")[0] ?? mimeType }), full);
    };
    recorder.start(1000);
  }

  stop(): void {
    if (this.recorder?.state === "recording") this.recorder.stop();
  }
}

/** What a video shows now, as PNG. Rejects while it shows nothing. */
export async function pictureOf(video: HTMLVideoElement): Promise<Blob> {
  const { videoWidth: width, videoHeight: height } = video;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const picture = width > 0 ? await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png")) : null;
  if (!picture) throw new Problem("no_picture", "There is no picture to save yet; wait until the portrait is live.");
  return picture;
}
