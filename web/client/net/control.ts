/** Requests and events on the control channel. */
import type { Answer, ControlEvent } from "./messages";
import { parseAnswer, parseEvent } from "./parse";

/** Milliseconds a request may take before the caller is told. */
const TIMEOUT = 8000;

interface Pending {
  resolve(answer: Answer): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

/** The part of RTCDataChannel in use. */
export interface TextChannel {
  readonly readyState: string;
  send(text: string): void;
  close(): void;
}

/** An answer that says no: message is one sentence for the user. */
export class Refusal extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

export class Control {
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;

  constructor(private readonly channel: TextChannel, private readonly onEvent: (event: ControlEvent) => void) {}

  /** Sends a request; rejects with Refusal where the server says no, does not answer, or is gone. */
  request(type: string, fields: object = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.channel.readyState !== "open") {
        reject(new Refusal("not_connected", "There is no connection to the server yet."));
        return;
      }
      const id = this.nextId++;
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(new Refusal("no_answer", "The server did not answer in time; it may be overloaded."));
      }, TIMEOUT);
      this.pending.set(id, { resolve, reject, timer });
      this.channel.send(JSON.stringify({ id, type, ...fields }));
    });
  }

  /** Takes one message from the channel. */
  receive(text: string): void {
    const event = parseEvent(text);
    if (event) this.onEvent(event);
    else this.settle(parseAnswer(text));
  }

  private settle(answer: Answer | null): void {
    const waiting = answer ? this.pending.get(answer.id) : undefined;
    if (!answer || !waiting) return;
    this.pending.delete(answer.id);
    clearTimeout(waiting.timer);
    if (answer.error) waiting.reject(new Refusal(answer.error.code, answer.error.message));
    else waiting.resolve(answer);
  }

  /** Fails what is still waiting. */
  close(): void {
    for (const waiting of this.pending.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new Refusal("closed", "The connection was lost before the server answered."));
    }
    this.pending.clear();
  }
}
