/** The list of performances below its button: opens, closes and moves by keyboard. */
import type { PerformanceInfo } from "../api";
import { byId, make } from "./dom";

export interface MenuEvents {
  onPlay(performance: PerformanceInfo): void;
  onStop(): void;
}

export class PerformanceMenu {
  private readonly button = byId("perform", HTMLButtonElement);
  private readonly list = byId("performances", HTMLUListElement);
  private playing = false;

  constructor(private readonly events: MenuEvents) {
    this.button.onclick = () => this.press();
    this.list.addEventListener("keydown", (event) => this.key(event));
    // Whoever tabs on is done with the list.
    this.list.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.list.parentElement?.contains(relatedTarget as Node)) this.open(false);
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.list.hidden && !this.list.parentElement?.contains(target as Node)) this.open(false);
    });
  }

  show(performances: PerformanceInfo[]): void {
    this.list.replaceChildren(...performances.map((performance) => {
      const button = make("button", { type: "button" }, performance.title,
        make("span", {}, `${Math.round(performance.seconds)} s`));
      button.onclick = () => {
        this.open(false);
        this.button.focus();
        this.events.onPlay(performance);
      };
      return make("li", {}, button);
    }));
    this.button.hidden = performances.length === 0;
  }

  /** What the button and its shortcut do: open the menu, or stop what plays. */
  press(): void {
    if (this.playing) this.events.onStop();
    else this.open(this.list.hidden !== false);
  }

  /** title of the performance that plays, null for none. */
  setPlaying(title: string | null): void {
    this.playing = title !== null;
    this.button.textContent = title === null ? "Play a performance" : `Stop “${title}”`;
    if (this.playing) this.button.removeAttribute("aria-expanded");
    else this.button.setAttribute("aria-expanded", "false");
  }

  private open(open: boolean): void {
    this.list.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.list.querySelector("button")?.focus();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      this.open(false);
      this.button.focus();
      event.stopPropagation();
      return;
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const buttons = [...this.list.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  }
}
