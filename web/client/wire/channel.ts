/** What carries datagrams: the page's data channel, or what an extension or a worker has instead of it. */

/** What became of a datagram; one that was buffered is held back for good, because newer ones come. */
export type SendResult = "sent" | "closed" | "buffered";

export interface DatagramChannel {
  send(datagram: Uint8Array<ArrayBuffer>): SendResult;
}
