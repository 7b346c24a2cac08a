/** The list of performances below its button. */
import type { PerformanceInfo } from "../api";
import { byId, make } from "./dom";
import { Popup } from "./popup";

export interface MenuEvents {
  onPlay(performance: PerformanceInfo): void;
  onStop(): void;
}

export class PerformanceMenu {
  private readonly button = byId("perform", HTMLButtonElement);
  private readonly list = byId("performances", HTMLUListElement);
  private readonly popup = new Popup(this.button, this.list);
  private playing = false;
  private reachable = false;

  constructor(private readonly events: MenuEvents) {
    this.button.onclick = () => this.press();
  }

  show(performances: PerformanceInfo[]): void {
    this.list.replaceChildren(...performances.map((performance) => {
      const button = make("button", { type: "button" }, performance.title,
        make("span", {}, `${Math.round(performance.seconds)} s`));
      button.onclick = () => this.events.onPlay(performance);
      return make("li", {}, button);
    }));
    this.button.hidden = performances.length === 0;
  }

  /** What the button and its shortcut do: open the menu, or stop what plays. */
  press(): void {
    if (this.playing) this.events.onStop();
    else if (this.reachable) this.popup.open(!this.popup.isOpen);
  }

  /** title of the performance that plays, null for none. */
  setPlaying(title: string | null): void {
    this.playing = title !== null;
    this.button.textContent = title === null ? "Play a performance" : `Stop “${title}”`;
    if (this.playing) this.button.removeAttribute("aria-expanded");
    else this.button.setAttribute("aria-expanded", "false");
    this.allow();
  }

  /** Whether the server, which has the performances, can be asked for one. */
  setReachable(reachable: boolean): void {
    this.reachable = reachable;
    if (!reachable) this.popup.open(false);
    this.allow();
  }

  private allow(): void {
    this.button.disabled = !this.reachable && !this.playing;
  }
}
