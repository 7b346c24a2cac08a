/** What carries datagrams: the page's data channel, or what an extension or a worker has instead of it. */
import { MAX_WIRE_SIZE } from "./codec";

/** What became of a datagram; one that was buffered is held back for good, because newer ones come. */
export type SendResult = "sent" | "closed" | "buffered";

export interface DatagramChannel {
  send(datagram: Uint8Array<ArrayBuffer>): SendResult;
}

/** The part of RTCDataChannel in use. */
export interface RawChannel {
  readonly readyState: string;
  readonly bufferedAmount: number;
  send(datagram: Uint8Array<ArrayBuffer>): void;
}

/** Sends one datagram now or never: what waits in the channel is older than what comes next. */
export function sendNow(channel: RawChannel, datagram: Uint8Array<ArrayBuffer>): SendResult {
  if (channel.readyState !== "open") return "closed";
  if (channel.bufferedAmount > 2 * MAX_WIRE_SIZE) return "buffered";
  channel.send(datagram);
  return "sent";
}
