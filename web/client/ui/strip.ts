/** The collection: portraits to choose from, in the order of the digit keys; one stop for the tabulator, arrows between them. */
import { type Persona, portraitURL } from "../api";
import { byId, make, setPressed } from "./dom";

const THUMB_EDGE = 160;
/** Digits 1..9. */
export const DIGITS = 9;

export interface StripEvents {
  onPick(persona: Persona): void;
  onRemove(persona: Persona): void;
  onAdd(): void;
  onArrange(): void;
}

export class Strip {
  private readonly list = byId("personas", HTMLUListElement);
  private personas: Persona[] = [];

  constructor(private readonly events: StripEvents) {
    byId("add", HTMLButtonElement).onclick = () => events.onAdd();
    byId("arrange", HTMLButtonElement).onclick = () => events.onArrange();
    this.list.addEventListener("keydown", (event) => this.key(event));
    // A wheel that only turns one way moves along, too.
    this.list.addEventListener("wheel", (event) => {
      if (event.deltaX !== 0 || event.ctrlKey || this.list.scrollWidth <= this.list.clientWidth) return;
      this.list.scrollLeft += event.deltaY;
      event.preventDefault();
    }, { passive: false });
  }

  show(personas: Persona[], current: string): void {
    this.personas = personas;
    const { activeElement } = document;
    const focused = activeElement instanceof HTMLElement ? activeElement.dataset["persona"] : undefined;
    this.list.replaceChildren(...personas.map((persona, i) => this.item(persona, i)));
    this.mark(current);
    if (focused) this.tile(focused)?.focus();
  }

  mark(current: string): void {
    for (const tile of this.tiles()) {
      const chosen = tile.dataset["persona"] === current;
      setPressed(tile, chosen);
      tile.tabIndex = chosen ? 0 : -1;
      if (chosen) this.reveal(tile);
    }
  }

  /** The portrait of a digit key, 1 for the first. */
  at(digit: number): Persona | undefined {
    return this.personas[digit - 1];
  }

  /** Brings a tile into the strip's view. The page itself must not move: scrollIntoView would move it. */
  private reveal(tile: HTMLElement): void {
    const strip = this.list.getBoundingClientRect();
    const { left, right } = tile.getBoundingClientRect();
    if (left < strip.left) this.list.scrollLeft -= strip.left - left;
    else if (right > strip.right) this.list.scrollLeft += right - strip.right;
  }

  private tiles(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>(".tile")];
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
    return make("li", {}, tile);
  }

  /** Arrow keys, Home and End move along the strip; Delete takes a portrait away, after a question. */
  private key(event: KeyboardEvent): void {
    const tiles = this.tiles();
    const at = tiles.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const persona = this.personas[at];
    if (event.key === "Delete" && persona && !persona.builtin) this.events.onRemove(persona);
    const to = targetOf(event.key, at, tiles.length);
    if (to === null) return;
    event.preventDefault();
    for (const [i, tile] of tiles.entries()) tile.tabIndex = i === to ? 0 : -1;
    tiles[to]?.focus({ preventScroll: true });
    if (tiles[to]) this.reveal(tiles[to]);
  }
}

/** Which of so many tiles a key leads to from one; null for keys that lead nowhere. */
function targetOf(key: string, at: number, count: number): number | null {
  switch (key) {
    case "ArrowRight": return (at + 1) % count;
    case "ArrowLeft": return (at - 1 + count) % count;
    case "Home": return 0;
    case "End": return count - 1;
    default: return null;
  }
}
