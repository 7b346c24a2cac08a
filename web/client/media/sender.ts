/** Numbers landmark datagrams and sends them: camera and performances share one sequence, so none looks stale. */
import type { DatagramChannel } from "../wire/channel";
import { patchSeq } from "../wire/codec";

export interface SenderEvents extends DatagramChannel {
  /** capture in microseconds of the browser's clock. */
  onSent(seq: number, capture: number, fromCamera: boolean): void;
  onBuffered(): void;
}

export class LandmarkSender {
  // Any start will do; a random one shows mistakes with wrapping early.
  private seq = Math.floor(Math.random() * 2 ** 31);

  /** While it is paused nothing leaves. */
  paused = false;

  constructor(private readonly events: SenderEvents) {}

  /** Sends the datagram after writing the next sequence number into it. */
  send(datagram: Uint8Array<ArrayBuffer>, capture: number, fromCamera: boolean): void {
    if (this.paused) return;
    const seq = this.seq;
    patchSeq(new DataView(datagram.buffer, datagram.byteOffset), seq);
    const result = this.events.send(datagram);
    if (result === "buffered") this.events.onBuffered();
    if (result !== "sent") return;
    this.seq = (seq + 1) >>> 0;
    this.events.onSent(seq, capture, fromCamera);
  }
}
