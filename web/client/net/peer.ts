/** One RTCPeerConnection: the portrait's video in, landmarks out, control and report beside them. */
import { type DatagramChannel, type SendResult, sendNow } from "../wire/channel";
import { Control } from "./control";
import type { Candidate, ControlEvent, Description, Report, ToServer } from "./messages";
import { offerOf } from "./offer";
import { parseReport } from "./parse";

export interface PeerEvents {
  signal(message: ToServer): void;
  onStream(stream: MediaStream): void;
  /** All channels are open: the session works. */
  onOpen(): void;
  onState(state: RTCPeerConnectionState): void;
  onEvent(event: ControlEvent): void;
  onReport(report: Report): void;
  /** Another thread may take the landmarks' channel; resolves once it is open there. Null leaves it here. */
  takeLandmarks?(channel: RTCDataChannel): Promise<void> | null;
}

export class Peer implements DatagramChannel {
  readonly control: Control;
  private readonly pc: RTCPeerConnection;
  /** Null where another thread took it. */
  private readonly landmarks: RTCDataChannel | null;
  private readonly receiver: RTCRtpReceiver;
  private readonly voice: RTCRtpSender;
  /** Descriptions and candidates apply in the order in which they came. */
  private queue: Promise<void> = Promise.resolve();

  constructor(iceServers: RTCIceServer[], private readonly events: PeerEvents) {
    this.pc = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.receiver = this.pc.addTransceiver("video", { direction: "recvonly" }).receiver;
    // There from the start and empty, so that a microphone needs no new offer; nothing is sent until it has a track.
    this.voice = this.pc.addTransceiver("audio", { direction: "sendonly" }).sender;
    // Of samples and reports the newest counts: one that is lost must not hold up those after it, nor the answers of control.
    const newestCounts = { ordered: false, maxRetransmits: 0 };
    const landmarks = this.pc.createDataChannel("landmarks", newestCounts);
    const taken = events.takeLandmarks?.(landmarks) ?? null;
    this.landmarks = taken ? null : landmarks;
    const control = this.pc.createDataChannel("control");
    const report = this.pc.createDataChannel("report", newestCounts);
    this.control = new Control(control, (event) => events.onEvent(event));
    control.onmessage = ({ data }) => this.control.receive(String(data));
    report.onmessage = ({ data }) => {
      const told = parseReport(String(data));
      if (told) events.onReport(told);
    };
    void Promise.all([taken ?? opened(landmarks), opened(control), opened(report)]).then(() => events.onOpen());
    this.pc.ontrack = ({ track }) => events.onStream(new MediaStream([track]));
    this.pc.onconnectionstatechange = () => events.onState(this.pc.connectionState);
    this.pc.onicecandidate = ({ candidate }) => {
      events.signal({ type: "candidate", candidate: candidate ? plain(candidate) : null });
    };
  }

  get state(): RTCPeerConnectionState {
    return this.pc.connectionState;
  }

  /** 0 shows each frame as soon as it is decoded; null leaves the buffer to the browser. */
  setJitterTarget(millis: number | null): void {
    const receiver = this.receiver as RTCRtpReceiver & { jitterBufferTarget?: number | null };
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = millis;
  }

  /** Sends a microphone's track from now on; null is nothing, at once. */
  async setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    await this.voice.replaceTrack(track);
  }

  /** Offers, anew with fresh ICE credentials where the network changed. */
  async offer(iceRestart = false): Promise<void> {
    this.events.signal({ type: "offer", sdp: await offerOf(this.pc, iceRestart) });
  }

  /** Takes the server's answer or candidate; rejects where the browser cannot use it. */
  take(message: Description | Candidate): Promise<void> {
    const step = this.queue.then(async () => {
      if (message.type === "answer") await this.pc.setRemoteDescription(message);
      else if (message.candidate) await this.pc.addIceCandidate(message.candidate);
    });
    this.queue = step.catch(() => undefined);
    return step;
  }

  send(datagram: Uint8Array<ArrayBuffer>): SendResult {
    return this.landmarks ? sendNow(this.landmarks, datagram) : "closed";
  }

  stats(): Promise<RTCStatsReport> {
    return this.pc.getStats();
  }

  close(): void {
    this.control.close();
    this.pc.onconnectionstatechange = null;
    this.pc.close();
  }
}

function opened(channel: RTCDataChannel): Promise<void> {
  return new Promise((resolve) => (channel.onopen = () => resolve()));
}

function plain({ candidate, sdpMid, sdpMLineIndex }: RTCIceCandidate): RTCIceCandidateInit {
  return { candidate, sdpMid, sdpMLineIndex };
}
