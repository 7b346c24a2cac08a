/** What the page says: the status in the bar, passing messages, and the note on the portrait. */
import type { Phase } from "../net/contract";
import { byId, make } from "./dom";
import { sentence } from "../common/sentence";

const MESSAGE_MILLIS = 6000;
const PROBLEM_MILLIS = 14_000;
const AT_ONCE = 3;

export class Notices {
  private readonly status = byId("status", HTMLElement);
  private readonly statusText = byId("status-text", HTMLElement);
  private readonly toasts = byId("toasts", HTMLElement);
  private readonly standing = byId("standing", HTMLElement);
  private readonly noteBox = byId("note", HTMLElement);
  private readonly tryNow = byId("try-now", HTMLButtonElement);

  /** What the bar says; while nothing flows the portrait says it too, because that is where people look. */
  setStatus(phase: Phase, words: string): void {
    const text = sentence(words);
    this.status.dataset["phase"] = phase;
    this.standing.hidden = phase === "live";
    this.tryNow.hidden = phase !== "waiting";
    this.standing.textContent = text;
    // Setting the same text again would be read out again.
    if (this.statusText.textContent !== text) this.statusText.textContent = text;
  }

  say(text: string): void {
    this.toast(text, "toast", MESSAGE_MILLIS);
  }

  /** Something went wrong: text is one sentence that says what to do. */
  problem(text: string): void {
    this.toast(text, "toast bad", PROBLEM_MILLIS);
  }

  /** An error that reached the page: ours are such sentences. With retry it stays until it is tried again or dismissed. */
  complain(error: unknown, retry?: () => void): void {
    this.toast(error instanceof Error ? error.message : String(error), "toast bad", retry ? null : PROBLEM_MILLIS, retry);
  }

  /** A note on the portrait itself; number stands out, and null takes the note away. */
  note(text: string | null, number = ""): void {
    this.noteBox.hidden = text === null;
    const [words, count] = this.noteBox.children;
    // Only what changes is set: a countdown must not be read out second by second.
    if (words && words.textContent !== (text ?? "")) words.textContent = text ?? "";
    if (count) count.textContent = number;
  }

  private toast(words: string, className: string, millis: number | null, retry?: () => void): void {
    const text = sentence(words);
    for (const old of this.toasts.children) if (old.firstChild?.textContent === text) old.remove();
    while (this.toasts.children.length >= AT_ONCE) this.toasts.firstElementChild?.remove();
    const close = make("button", { type: "button", "aria-label": "Dismiss" }, "×");
    const toast = make("div", { class: className }, make("span", {}, text), close);
    const timer = millis === null ? undefined : setTimeout(() => toast.remove(), millis);
    const dismiss = (): void => {
      clearTimeout(timer);
      toast.remove();
    };
    close.onclick = dismiss;
    if (retry) {
      const again = make("button", { type: "button", class: "again" }, "Try again");
      again.onclick = () => {
        dismiss();
        retry();
      };
      close.before(again);
    }
    this.toasts.append(toast);
  }
}
