/**
 * Pictures for pages that may not reach the server themselves: this tab watches the session once, and is what they connect to
 * instead. It costs another turn of the codec, so it is for browsers that keep pages from this machine's own addresses.
 */
import { Watcher } from "../../client/view/watcher";
import { type Fetch, Viewing } from "../../client/view/whep";
import type { WhepAnswer } from "../messages";

/** Viewers of all pages together. */
const MOST = 16;
/** Candidates of one fragment. */
const MOST_CANDIDATES = 40;
/** Milliseconds to find this machine's addresses. */
const GATHER_LIMIT = 2000;
/** bit/s: what a wide portrait takes at its best. */
const BITRATE = 2_500_000;

/** What a page asks for through the background. */
export interface ViewerRequest {
  method: string;
  /** The session's, or what the Location of an answer was. */
  path: string;
  body: string;
}

const answer = (status: number, headers: Record<string, string> = {}, body = ""): WhepAnswer => ({ status, headers, body });

export class Through {
  private readonly viewers = new Map<string, RTCPeerConnection>();
  private watcher: Watcher | null = null;
  private track: MediaStreamTrack | null = null;
  private next = 1;

  /** endpoint is where the session can be watched now, "" where there is none; send asks the server. */
  constructor(private readonly endpoint: () => string, private readonly send: Fetch) {}

  /** Whether anybody watches. */
  get used(): boolean {
    return this.viewers.size > 0;
  }

  async request({ method, path, body }: ViewerRequest): Promise<WhepAnswer> {
    const viewer = this.viewers.get(path);
    if (method === "DELETE") {
      this.end(path);
      return answer(viewer ? 200 : 404);
    }
    if (viewer) {
      if (method !== "PATCH") return answer(405);
      await addCandidates(viewer, body);
      return answer(204);
    }
    if (this.endpoint() === "") return answer(409, { "Retry-After": "2" });
    if (method === "HEAD") return answer(200);
    if (method !== "POST") return answer(404);
    return this.viewers.size < MOST ? this.connect(path, body) : answer(503, { "Retry-After": "5" });
  }

  private async connect(session: string, offer: string): Promise<WhepAnswer> {
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    const path = `${session}/${this.next++}`;
    this.viewers.set(path, pc);
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === "failed") this.end(path);
    };
    this.watch();
    try {
      await pc.setRemoteDescription({ type: "offer", sdp: offer });
      for (const transceiver of pc.getTransceivers()) {
        if (transceiver.receiver.track.kind !== "video") continue;
        transceiver.direction = "sendonly";
        await transceiver.sender.replaceTrack(this.track);
      }
      await pc.setLocalDescription();
      // A page that has gone closes its end; no state of the connection tells that for long.
      const transport = pc.getSenders()[0]?.transport;
      if (transport) {
        transport.onstatechange = () => {
          if (transport.state === "closed" || transport.state === "failed") this.end(path);
        };
      }
      await gathered(pc);
      await unhurried(pc);
    } catch (error) {
      this.end(path);
      return answer(400, { "Content-Type": "text/plain" }, String(error));
    }
    return answer(201, { "Location": path, "ETag": `"${path}"`, "Content-Type": "application/sdp" }, pc.localDescription?.sdp ?? "");
  }

  private end(path: string): void {
    this.viewers.get(path)?.close();
    this.viewers.delete(path);
    if (this.viewers.size > 0) return;
    this.watcher?.stop();
    this.watcher = this.track = null;
  }

  /** Watches the session as long as anybody is here; what comes goes on to all. */
  private watch(): void {
    if (this.watcher) return;
    this.watcher = new Watcher((events) => new Viewing(this.endpoint(), events, false, this.send), {
      onStream: (stream) => {
        this.track = stream.getVideoTracks()[0] ?? null;
        for (const pc of this.viewers.values()) {
          for (const { sender, direction } of pc.getTransceivers()) if (direction === "sendonly") void sender.replaceTrack(this.track);
        }
      },
      onIdle: () => undefined, // pages keep their last picture
    });
    this.watcher.start();
  }
}

/** The candidates of a fragment; ones that make no sense are left out. */
async function addCandidates(pc: RTCPeerConnection, fragment: string): Promise<void> {
  const lines = [...fragment.matchAll(/^a=(candidate:[^\r\n]{1,500})/gm)].slice(0, MOST_CANDIDATES);
  for (const [, candidate] of lines) {
    await pc.addIceCandidate({ candidate: candidate ?? "", sdpMLineIndex: 0 }).catch(() => undefined);
  }
}

async function gathered(pc: RTCPeerConnection): Promise<void> {
  if (pc.iceGatheringState === "complete") return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, GATHER_LIMIT);
    pc.onicegatheringstatechange = () => {
      if (pc.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    };
  });
}

/** Movement before sharpness, as the server has it, and enough for both. */
async function unhurried(pc: RTCPeerConnection): Promise<void> {
  for (const sender of pc.getSenders()) {
    const parameters = sender.getParameters();
    parameters.degradationPreference = "maintain-framerate";
    for (const encoding of parameters.encodings) encoding.maxBitrate = BITRATE;
    await sender.setParameters(parameters).catch(() => undefined);
  }
}
