/** The learned layer on the stage, the sharper mouth to people: switched on and off, and compared across a divider. */
import { type Drawing, type Layer, layerOf } from "./net/layer";
import type { AnySettings } from "./net/messages";
import { Throttle } from "./common/throttle";
import { Divider } from "./ui/divider";
import { byId, setPressed } from "./ui/dom";

/** The divider's place is sent at most so often, milliseconds. */
const SEND_EVERY = 100;

export interface LearnedEvents {
  /** The user switched the layer. */
  onSwitch(on: boolean): void;
  /** The server should know. */
  send(fields: AnySettings): void;
  say(text: string): void;
}

export class LearnedLayer {
  private layer: Layer | null = null;
  private on = true;
  private readonly tools = byId("layer", HTMLElement);
  private readonly button = byId("learned", HTMLButtonElement);
  private readonly compareButton = byId("compare", HTMLButtonElement);
  private readonly about = byId("layer-about", HTMLElement);
  private readonly note = byId("layer-note", HTMLElement);
  private readonly throttle: Throttle<number>;
  private readonly divider: Divider;

  constructor(private readonly events: LearnedEvents) {
    this.throttle = new Throttle(SEND_EVERY, (split) => events.send({ split }));
    this.divider = new Divider({ onMove: (at) => this.throttle.push(at), onLeave: () => this.compare(false) });
    this.button.onclick = () => this.toggle();
    this.compareButton.onclick = () => this.toggleCompare();
    addEventListener("keydown", ({ key, defaultPrevented }) => {
      if (key === "Escape" && !defaultPrevented && !document.querySelector("dialog[open]")) this.compare(false);
    });
  }

  /** Name of what draws the present session; empty before the first, and where the server does not say. */
  get name(): string {
    return this.layer?.name ?? "";
  }

  /** What draws, in the words of who built it. */
  get detail(): string {
    return this.layer?.detail ?? "";
  }

  /** What the present session must know; nothing where it has no learned layer. */
  get settings(): AnySettings {
    return this.available ? { learned: this.on, split: this.divider.shown ? this.divider.at : 0 } : {};
  }

  /** A session began with the layer that its welcome names, or with none, or got another. */
  begin(drawing: Drawing): void {
    const layer = layerOf(drawing);
    this.layer = layer;
    this.tools.hidden = !this.available;
    this.about.hidden = layer === null;
    this.note.textContent = layer?.note ?? "";
    if (!this.available) this.hideDivider();
  }

  /** Shows whether the layer is wanted; the caller tells the server. */
  setOn(on: boolean): void {
    this.on = on;
    setPressed(this.button, on);
    // Geometry on both sides is nothing to compare.
    if (!on) this.compare(false);
  }

  toggle(): void {
    if (this.available) this.events.onSwitch(!this.on);
    else this.explain();
  }

  toggleCompare(): void {
    if (this.available) this.compare(!this.divider.shown);
    else this.explain();
  }

  private get available(): boolean {
    return this.layer?.learned ?? false;
  }

  private compare(on: boolean): void {
    if (on === this.divider.shown) return;
    if (on && !this.on) this.events.onSwitch(true);
    if (on) {
      this.divider.show(true);
      setPressed(this.compareButton, true);
    } else {
      this.hideDivider();
    }
    this.events.send(this.settings);
  }

  private hideDivider(): void {
    this.throttle.cancel();
    const focused = document.activeElement?.id === "divider";
    this.divider.show(false);
    setPressed(this.compareButton, false);
    // Its own button is in a menu that is closed.
    if (focused) byId("more", HTMLButtonElement).focus();
  }

  private explain(): void {
    if (this.layer) this.events.say(this.layer.note);
  }
}
