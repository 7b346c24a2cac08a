/** A WHEP client of the field, in the page: what it shows, and what it can do beside. */
import { WHEPClient } from "whip-whep/whep.js";

export class Player {
  private readonly pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  private readonly client = new WHEPClient();
  private readonly video = document.createElement("video");

  /** Begins to play; resolves with the state once it is connected. */
  async play(endpoint: string): Promise<string> {
    this.video.muted = this.video.autoplay = true;
    document.body.append(this.video);
    this.pc.addTransceiver("audio", { direction: "recvonly" });
    this.pc.addTransceiver("video", { direction: "recvonly" });
    this.pc.ontrack = ({ track }) => {
      if (track.kind === "video") this.video.srcObject = new MediaStream([track]);
    };
    await this.client.view(this.pc, endpoint);
    for (let i = 0; i < 100 && this.pc.connectionState !== "connected"; i++) await pause(100);
    return this.pc.connectionState;
  }

  /** Frames decoded in so many seconds. */
  async frames(seconds: number): Promise<number> {
    const decoded = (): number => this.video.getVideoPlaybackQuality().totalVideoFrames;
    const before = decoded();
    await pause(1000 * seconds);
    return decoded() - before;
  }

  /**
   * Restarts ICE as the draft says, since the client joins the server's candidates with commas. Resolves with the status and with
   * the server's user fragment before and after.
   */
  async restart(): Promise<[status: number, before: string, after: string]> {
    const { pc } = this;
    pc.onicecandidate = null; // the client's
    const offer = await pc.createOffer({ iceRestart: true });
    await pc.setLocalDescription(offer);
    const body = ["ice-ufrag", "ice-pwd"].map((key) => `a=${key}:${attribute(offer.sdp, key)}\r\n`).join("");
    const headers = { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*" };
    const { resourceURL } = this.client as unknown as { resourceURL: URL };
    const answer = await fetch(resourceURL, { method: "PATCH", headers, body });
    const fragment = await answer.text();
    const old = pc.remoteDescription?.sdp ?? "";
    let sdp = old.replace(/a=(candidate:.*|end-of-candidates)\r\n/g, "");
    for (const key of ["ice-ufrag", "ice-pwd"]) sdp = sdp.replace(new RegExp(`(a=${key}:).*`, "g"), `$1${attribute(fragment, key)}`);
    sdp = sdp.replace(/a=mid:.*\r\n/, `$&${(fragment.match(/a=candidate:.*\r\n/g) ?? []).join("")}`);
    await pc.setRemoteDescription({ type: "answer", sdp });
    return [answer.status, attribute(old, "ice-ufrag"), attribute(sdp, "ice-ufrag")];
  }

  stop(): Promise<void> {
    return this.client.stop();
  }
}

function attribute(sdp: string | undefined, key: string): string {
  return new RegExp(`a=${key}:(\\S+)`).exec(sdp ?? "")?.[1] ?? "";
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

globalThis.Player = Player;
