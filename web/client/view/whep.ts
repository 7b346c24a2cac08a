/** A WHEP player: one connection that watches a session, from the offer to its end. */
import { parse, shape } from "../common/json";
import { type Fault, isFault } from "../common/problem";
import { setOffer, withRoundTrip } from "../net/offer";
import { iceServers } from "./links";

/** The server said no; retryAfter is when it is worth another try, milliseconds, and words are its own for people, where it has any. */
export class Refused extends Error {
  constructor(readonly status: number, readonly retryAfter: number | null, readonly words = "") {
    super(`the server answered ${status}`);
  }
}

/** How the server is asked; fetch itself, or what a page has instead whose own requests are blocked. */
export type Fetch = (address: string, init: RequestInit) => Promise<Response>;

export interface ViewingEvents {
  onStream(stream: MediaStream): void;
  onSound?(stream: MediaStream): void;
  /** The connection has ended, or does not come about; called once. */
  onLost(): void;
}

/** Milliseconds: until a connection must work, a broken path is watched, and between looks at whether anything comes. */
const CONNECT_LIMIT = 12_000;
const DISCONNECT_PATIENCE = 3000;
const LOOK_EVERY = 1000;
/** Looks in a row that may find nothing: a living session never stands still. */
const MOST_SILENT = 5;
/** The same before anything has come: a form of the picture that nobody has asked for before may have to be made ready first. */
const MOST_SILENT_AT_FIRST = 15;

export class Viewing {
  private pc: RTCPeerConnection | null = null;
  private readonly candidates: string[] = [];
  private resource = "";
  private tag = "";
  private received = 0;
  private silent = 0;
  private ended = false;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private looking: ReturnType<typeof setInterval> | undefined;

  /** endpoint is the address to offer to; with sound the driver is heard too. */
  constructor(
    private readonly endpoint: string, private readonly events: ViewingEvents, private readonly sound = false,
    private readonly send: Fetch = (address, init) => fetch(address, init),
  ) {}

  /**
   * Negotiates; rejects with Refused, or as the network does. With doubt it first asks whether there is a session, which costs
   * less than an offer that is refused: browsers keep a connection for a while, and have only so many.
   */
  async start(doubt = false): Promise<void> {
    this.patience = setTimeout(() => this.lose(), CONNECT_LIMIT);
    if (doubt) {
      await ask(this.send, this.endpoint, "HEAD");
      if (this.ended) return;
    }
    const { pc, receiver } = this.connect();
    const { sdp: plain = "" } = await pc.createOffer();
    const offer = withRoundTrip(plain);
    const answer = await ask(this.send, this.endpoint, "POST", offer);
    this.resource = new URL(answer.headers.get("Location") ?? "", answer.url || this.endpoint).href; // it may have been sent on
    const sdp = await answer.text();
    if (this.ended) {
      this.remove();
      return;
    }
    const servers = iceServers(answer.headers.get("Link"));
    if (servers.length > 0) pc.setConfiguration({ ...pc.getConfiguration(), iceServers: servers });
    await setOffer(pc, offer, plain);
    await pc.setRemoteDescription({ type: "answer", sdp });
    const { transport } = receiver;
    if (transport) transport.onstatechange = () => this.transportChanged(transport.state);
    this.tag = answer.headers.get("ETag") ?? "";
    await this.trickle(pc);
  }

  /** Ends it, and tells the server. Nothing is called back any more. */
  close(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.patience);
    clearInterval(this.looking);
    if (this.pc) {
      this.pc.ontrack = this.pc.onconnectionstatechange = this.pc.onicecandidate = null;
      this.pc.close();
    }
    this.remove();
  }

  private connect(): { pc: RTCPeerConnection; receiver: RTCRtpReceiver } {
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.pc = pc;
    const { receiver } = pc.addTransceiver("video", { direction: "recvonly" });
    // 0 shows each frame as soon as it is decoded.
    if ("jitterBufferTarget" in receiver) (receiver as { jitterBufferTarget: number | null }).jitterBufferTarget = 0;
    if (this.sound) pc.addTransceiver("audio", { direction: "recvonly" });
    // A stream for each: in one, a browser holds the picture back until the sound is there.
    pc.ontrack = ({ track }) => {
      if (track.kind === "audio") this.events.onSound?.(new MediaStream([track]));
      else this.events.onStream(new MediaStream([track]));
    };
    pc.onconnectionstatechange = () => this.changed(pc.connectionState);
    pc.onicecandidate = ({ candidate }) => {
      this.candidates.push(candidate ? candidate.candidate : "");
      void this.trickle(pc);
    };
    this.looking = setInterval(() => void this.look(pc), LOOK_EVERY);
    return { pc, receiver };
  }

  /** Sends the candidates that were found since; the empty one is the end. Most servers need none: they learn of us by our checks. */
  private async trickle(pc: RTCPeerConnection): Promise<void> {
    if (!this.tag || this.ended || this.candidates.length === 0) return;
    const lines = this.candidates.splice(0).map((line) => (line ? `a=${line}` : "a=end-of-candidates"));
    const mid = pc.getTransceivers()[0]?.mid ?? "0";
    const body = ["m=video 9 UDP/TLS/RTP/SAVPF 0", `a=mid:${mid}`, ...lines, ""].join("\r\n");
    const headers = { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": this.tag };
    await this.send(this.resource, { method: "PATCH", headers, body, signal: AbortSignal.timeout(CONNECT_LIMIT) }).catch(() => undefined);
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
  private async look(pc: RTCPeerConnection): Promise<void> {
    if (pc.connectionState !== "connected") return;
    let received = 0;
    for (const entry of (await pc.getStats()).values() as Iterable<{ type: string; bytesReceived?: number }>) {
      if (entry.type === "inbound-rtp") received += entry.bytesReceived ?? 0;
    }
    this.silent = received === this.received ? this.silent + 1 : 0;
    this.received = received;
    if (this.silent >= (received === 0 ? MOST_SILENT_AT_FIRST : MOST_SILENT)) this.lose();
  }

  private lose(): void {
    if (this.ended) return;
    this.close();
    this.events.onLost();
  }

  private remove(): void {
    if (this.resource) void this.send(this.resource, { method: "DELETE", keepalive: true }).catch(() => undefined);
    this.resource = "";
  }
}

/** Asks the endpoint; rejects with Refused where it says no. */
async function ask(send: Fetch, endpoint: string, method: "HEAD" | "POST", offer?: string): Promise<Response> {
  const what = offer === undefined ? {} : { body: offer, headers: { "Content-Type": "application/sdp" } };
  const answer = await send(endpoint, { method, ...what, signal: AbortSignal.timeout(CONNECT_LIMIT) });
  if (answer.ok) return answer;
  const fault = parse(await answer.text(), shape<{ error: Fault }>({ error: isFault }))?.error;
  const wait = Number(answer.headers.get("Retry-After") ?? "");
  throw new Refused(answer.status, wait > 0 ? 1000 * wait : null, fault?.message);
}
