/** The collection: portraits to choose from, in the order of the digit keys. */
import { type Persona, portraitURL } from "../api";
import { byId, make, setPressed } from "./dom";

const THUMB_EDGE = 160;
/** Digits 1..9. */
export const DIGITS = 9;

export interface StripEvents {
  onPick(persona: Persona): void;
  onRemove(persona: Persona): void;
  onAdd(): void;
}

export class Strip {
  private readonly list = byId("personas", HTMLUListElement);
  private personas: Persona[] = [];

  constructor(private readonly events: StripEvents) {
    this.list.addEventListener("keydown", (event) => this.arrow(event));
  }

  show(personas: Persona[], current: string): void {
    this.personas = personas;
    const { activeElement } = document;
    const focused = activeElement instanceof HTMLElement ? activeElement.dataset["persona"] : undefined;
    this.list.replaceChildren(...personas.map((persona, i) => this.item(persona, i)), this.addItem());
    this.mark(current);
    if (focused) this.tile(focused)?.focus();
  }

  mark(current: string): void {
    for (const tile of this.list.querySelectorAll<HTMLElement>(".tile[data-persona]")) {
      const chosen = tile.dataset["persona"] === current;
      setPressed(tile, chosen);
      if (chosen) tile.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  /** The portrait of a digit key, 1 for the first. */
  at(digit: number): Persona | undefined {
    return this.personas[digit - 1];
  }

  private tile(id: string): HTMLElement | null {
    return this.list.querySelector(`.tile[data-persona="${CSS.escape(id)}"]`);
  }

  private item(persona: Persona, index: number): HTMLLIElement {
    const key = index < DIGITS ? String(index + 1) : "";
    const thumb = make("span", { class: "thumb" },
      make("img", { src: portraitURL(persona.id, THUMB_EDGE), alt: "", width: 80, height: 80, loading: "lazy" }));
    if (key) thumb.append(make("kbd", { "aria-hidden": "true" }, key));
    const tile = make("button", {
      type: "button", class: "tile", "data-persona": persona.id, "aria-keyshortcuts": key || undefined, title: persona.name,
    }, thumb, make("span", { class: "name" }, persona.name));
    tile.onclick = () => this.events.onPick(persona);
    const item = make("li", {}, tile);
    if (!persona.builtin) {
      const remove = make("button", { type: "button", class: "remove", "aria-label": `Delete ${persona.name}` }, "×");
      remove.onclick = () => this.events.onRemove(persona);
      item.append(remove);
    }
    return item;
  }

  private addItem(): HTMLLIElement {
    const thumb = make("span", { class: "thumb" });
    thumb.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 5v14M5 12h14"/></svg>';
    const tile = make("button", { type: "button", class: "tile add" }, thumb, make("span", { class: "name" }, "Add a picture"));
    tile.onclick = () => this.events.onAdd();
    return make("li", {}, tile);
  }

  /** Arrow keys move along the strip. */
  private arrow(event: KeyboardEvent): void {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const tiles = [...this.list.querySelectorAll<HTMLElement>(".tile")];
    const at = tiles.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    event.preventDefault();
    tiles[(at + step + tiles.length) % tiles.length]?.focus();
  }
}
