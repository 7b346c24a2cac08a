/** A WHEP player: one connection that watches a session, from the offer to its end. */
import { iceServers } from "./links";

/** The server said no; retryAfter is when it is worth another try, milliseconds. */
export class Refused extends Error {
  constructor(readonly status: number, readonly retryAfter: number | null) {
    super(`the server answered ${status}`);
  }
}

export interface ViewingEvents {
  onStream(stream: MediaStream): void;
  /** The connection has ended, or does not come about; called once. */
  onLost(): void;
}

/** Milliseconds: until a connection must work, a broken path is watched, and between looks at whether anything comes. */
const CONNECT_LIMIT = 12_000;
const DISCONNECT_PATIENCE = 3000;
const LOOK_EVERY = 1000;
/** Looks in a row that may find nothing: a living session never stands still. */
const MOST_SILENT = 3;

export class Viewing {
  private readonly receiver: RTCRtpReceiver;
  private readonly pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  private readonly candidates: string[] = [];
  private resource = "";
  private tag = "";
  private received = 0;
  private silent = 0;
  private ended = false;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private readonly looking: ReturnType<typeof setInterval>;

  /** endpoint is the address to offer to. */
  constructor(private readonly endpoint: string, private readonly events: ViewingEvents) {
    this.receiver = this.pc.addTransceiver("video", { direction: "recvonly" }).receiver;
    // 0 shows each frame as soon as it is decoded.
    if ("jitterBufferTarget" in this.receiver) (this.receiver as { jitterBufferTarget: number | null }).jitterBufferTarget = 0;
    this.pc.ontrack = ({ track }) => events.onStream(new MediaStream([track]));
    this.pc.onconnectionstatechange = () => this.changed(this.pc.connectionState);
    this.pc.onicecandidate = ({ candidate }) => {
      this.candidates.push(candidate ? candidate.candidate : "");
      void this.trickle();
    };
    this.patience = setTimeout(() => this.lose(), CONNECT_LIMIT);
    this.looking = setInterval(() => void this.look(), LOOK_EVERY);
  }

  /** Negotiates; rejects with Refused, or as the network does. */
  async start(): Promise<void> {
    const offer = await this.pc.createOffer();
    const answer = await fetch(this.endpoint, {
      method: "POST", headers: { "Content-Type": "application/sdp" }, body: offer.sdp ?? "", signal: AbortSignal.timeout(CONNECT_LIMIT),
    });
    if (answer.status !== 201) {
      await answer.body?.cancel();
      const wait = Number(answer.headers.get("Retry-After") ?? "");
      throw new Refused(answer.status, wait > 0 ? 1000 * wait : null);
    }
    this.resource = new URL(answer.headers.get("Location") ?? "", this.endpoint).href;
    const sdp = await answer.text();
    if (this.ended) {
      this.remove();
      return;
    }
    const servers = iceServers(answer.headers.get("Link"));
    if (servers.length > 0) this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers: servers });
    await this.pc.setLocalDescription(offer);
    await this.pc.setRemoteDescription({ type: "answer", sdp });
    const { transport } = this.receiver;
    if (transport) transport.onstatechange = () => this.transportChanged(transport.state);
    this.tag = answer.headers.get("ETag") ?? "";
    await this.trickle();
  }

  /** Ends it, and tells the server. Nothing is called back any more. */
  close(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.patience);
    clearInterval(this.looking);
    this.pc.ontrack = this.pc.onconnectionstatechange = this.pc.onicecandidate = null;
    this.pc.close();
    this.remove();
  }

  /** Sends the candidates that were found since; the empty one is the end. Most servers need none: they learn of us by our checks. */
  private async trickle(): Promise<void> {
    if (!this.tag || this.ended || this.candidates.length === 0) return;
    const lines = this.candidates.splice(0).map((line) => (line ? `a=${line}` : "a=end-of-candidates"));
    const mid = this.pc.getTransceivers()[0]?.mid ?? "0";
    const body = ["m=video 9 UDP/TLS/RTP/SAVPF 0", `a=mid:${mid}`, ...lines, ""].join("\r\n");
    const headers = { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": this.tag };
    await fetch(this.resource, { method: "PATCH", headers, body, signal: AbortSignal.timeout(CONNECT_LIMIT) }).catch(() => undefined);
  }

  private changed(state: RTCPeerConnectionState): void {
    clearTimeout(this.patience);
    if (state === "failed" || state === "closed") this.lose();
    else if (state === "disconnected") this.patience = setTimeout(() => this.lose(), DISCONNECT_PATIENCE);
    else if (state !== "connected") this.patience = setTimeout(() => this.lose(), CONNECT_LIMIT);
  }

  /** The server closes its end where the session does; no state of the connection itself tells that. */
  private transportChanged(state: RTCDtlsTransportState): void {
    if (state === "closed" || state === "failed") this.lose();
  }

  /** Sees whether anything comes. */
  private async look(): Promise<void> {
    if (this.pc.connectionState !== "connected") return;
    let received = 0;
    for (const entry of (await this.pc.getStats()).values() as Iterable<{ type: string; bytesReceived?: number }>) {
      if (entry.type === "inbound-rtp") received += entry.bytesReceived ?? 0;
    }
    this.silent = received === this.received ? this.silent + 1 : 0;
    this.received = received;
    if (this.silent >= MOST_SILENT) this.lose();
  }

  private lose(): void {
    if (this.ended) return;
    this.close();
    this.events.onLost();
  }

  private remove(): void {
    if (this.resource) void fetch(this.resource, { method: "DELETE", keepalive: true }).catch(() => undefined);
    this.resource = "";
  }
}
