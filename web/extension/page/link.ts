/** The page's end of the way to the extension: questions and answers over a port that the bridge hands over. */
import { type FromPage, isToPage, type PageState, type ToPage } from "../messages";

/** What the bridge calls the page's script with; the port comes with it. */
export const CALL = "gioconda-camera";

/** Milliseconds: until the bridge must have called; for an answer. */
const CALL_LIMIT = 2000;
const ANSWER_LIMIT = 20_000;

/** A question without its number. */
export type Question = FromPage extends infer M ? (M extends { id: number } ? Omit<M, "id"> : never) : never;
export type Answer = ToPage & { type: "answer" };

interface Pending {
  resolve(answer: Answer): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

export class Link {
  private readonly port: Promise<MessagePort>;
  private readonly pending = new Map<number, Pending>();
  private next = 1;

  /** onState hears of every state that comes, asked for or not. */
  constructor(private readonly onState: (state: PageState) => void) {
    this.port = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the extension does not answer")), CALL_LIMIT);
      // Before any script of the page: it neither sees the call nor the port.
      const take = (event: MessageEvent<unknown>): void => {
        const [port] = event.ports;
        if (event.data !== CALL || event.source !== window || !port) return;
        event.stopImmediatePropagation();
        window.removeEventListener("message", take, true);
        clearTimeout(timer);
        port.onmessage = ({ data }: MessageEvent<unknown>) => this.receive(data);
        resolve(port);
      };
      window.addEventListener("message", take, true);
    });
    this.port.catch(() => undefined); // who asks hears of it
  }

  /** Rejects where nobody answers. */
  async ask(question: Question): Promise<Answer> {
    const port = await this.port;
    const id = this.next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.fail(id), ANSWER_LIMIT);
      this.pending.set(id, { resolve, reject, timer });
      port.postMessage({ ...question, id });
    });
  }

  tell(message: Exclude<FromPage, { id: number }>): void {
    void this.port.then((port) => port.postMessage(message), () => undefined);
  }

  private receive(message: unknown): void {
    if (!isToPage(message)) {
      // The background has gone, with what was asked of it.
      for (const id of [...this.pending.keys()]) this.fail(id);
      return;
    }
    if (message.state) this.onState(message.state);
    if (message.type === "state") return;
    const waiting = this.pending.get(message.id);
    this.pending.delete(message.id);
    clearTimeout(waiting?.timer);
    waiting?.resolve(message);
  }

  private fail(id: number): void {
    const waiting = this.pending.get(id);
    this.pending.delete(id);
    clearTimeout(waiting?.timer);
    waiting?.reject(new Error("the extension does not answer"));
  }
}
