/** What a connection asks of the page, and tells it. */
import type { Codec, ControlEvent, Report, Welcome } from "./messages";

export type Phase = "connecting" | "live" | "mending" | "waiting" | "stopped";

export interface ConnectionEvents {
  /** text is one sentence for the user. */
  onPhase(phase: Phase, text: string): void;
  onStream(stream: MediaStream): void;
  /** The stream is about to end: the last moment to keep what it shows. */
  onStreamEnding(): void;
  /** resumed: the server still has the neutral and the settings of before. */
  onLive(welcome: Welcome): void;
  onEvent(event: ControlEvent): void;
  onReport(report: Report): void;
  /** The server does not know the persona that was asked for; the wish has to change before the next attempt. */
  onUnknownPersona(): void;
  /** Another thread may take the landmarks' channel of each connection, as PeerEvents has it. */
  takeLandmarks?(channel: RTCDataChannel): Promise<void> | null;
}

/** What a new connection asks for. */
export interface Wishes {
  name: string;
  persona: string;
  codec: Codec;
  playoutDelay: boolean;
}
