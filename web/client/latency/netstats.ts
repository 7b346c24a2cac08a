/** What the browser's own statistics say about the received video, sampled once a second. */

export interface NetStats {
  /** bit/s received, over the last second. */
  bitrate: number;
  /** Milliseconds; NaN until ICE measured it. */
  rtt: number;
  packetsLost: number;
  framesDropped: number;
  framesDecoded: number;
  freezes: number;
  /** Mean milliseconds a frame spent in the jitter buffer, over the last second. */
  jitterBuffer: number;
  codec: string;
}

interface Inbound {
  type: string;
  kind?: string;
  id: string;
  timestamp: number;
  codecId?: string;
  bytesReceived?: number;
  packetsLost?: number;
  framesDropped?: number;
  framesDecoded?: number;
  freezeCount?: number;
  jitterBufferDelay?: number;
  jitterBufferEmittedCount?: number;
  mimeType?: string;
  nominated?: boolean;
  state?: string;
  currentRoundTripTime?: number;
}

export class NetStatsReader {
  private last: Inbound | null = null;

  read(report: RTCStatsReport): NetStats {
    let inbound: Inbound | null = null;
    let rtt = NaN;
    for (const entry of report.values() as Iterable<Inbound>) {
      if (entry.type === "inbound-rtp" && entry.kind === "video") inbound = entry;
      if (entry.type === "candidate-pair" && entry.nominated && entry.state === "succeeded") {
        rtt = (entry.currentRoundTripTime ?? NaN) * 1000;
      }
    }
    const now: Inbound = inbound ?? { type: "inbound-rtp", id: "", timestamp: 0 };
    const before = this.last?.id === now.id ? this.last : null;
    this.last = now;
    const seconds = before ? (now.timestamp - before.timestamp) / 1000 : 0;
    const grown = (field: "bytesReceived" | "jitterBufferDelay" | "jitterBufferEmittedCount"): number =>
      before ? (now[field] ?? 0) - (before[field] ?? 0) : 0;
    return {
      bitrate: seconds > 0 ? (8 * grown("bytesReceived")) / seconds : 0,
      rtt,
      packetsLost: now.packetsLost ?? 0,
      framesDropped: now.framesDropped ?? 0,
      framesDecoded: now.framesDecoded ?? 0,
      freezes: now.freezeCount ?? 0,
      jitterBuffer: grown("jitterBufferEmittedCount") > 0
        ? (1000 * grown("jitterBufferDelay")) / grown("jitterBufferEmittedCount") : NaN,
      codec: ((now.codecId && report.get(now.codecId)) as Inbound | undefined)?.mimeType?.replace("video/", "") ?? "",
    };
  }
}
