/** The worker's way out: the data channel that it was given, else the page. */
import { nowMicros } from "../common/clock";
import { LandmarkSender } from "../media/sender";
import { type RawChannel, sendNow } from "../wire/channel";
import type { FromTracker } from "./messages";

export class Outlet {
  private channel: RTCDataChannel | null = null;
  private readonly sender: LandmarkSender;

  constructor(post: (message: FromTracker) => void) {
    this.sender = new LandmarkSender({
      send: (datagram) => sendNow(this.channel as RawChannel, datagram),
      onSent: (seq, capture, fromCamera) => post({ type: "sent", seq, capture, sent: nowMicros(), fromCamera }),
      onBuffered: () => post({ type: "buffered" }),
    });
  }

  /** Sends through this channel from now on, and calls back once it is open. */
  carry(channel: RTCDataChannel, onOpen: () => void): void {
    if (this.channel) this.channel.onopen = null;
    this.channel = channel;
    if (channel.readyState === "open") onOpen();
    else channel.onopen = onOpen;
  }

  /** While it is paused nothing leaves. */
  setPaused(paused: boolean): void {
    this.sender.paused = paused;
  }

  /** False where there never was a channel: then the page has to send. */
  send(datagram: Uint8Array<ArrayBuffer>, capture: number, fromCamera: boolean): boolean {
    if (!this.channel) return false;
    this.sender.send(datagram, capture, fromCamera);
    return true;
  }
}
