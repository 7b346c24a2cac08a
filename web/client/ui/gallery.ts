/** The dialog in which one's portraits are named, put in order, saved as files and deleted. */
import { type Persona, personaFileURL, portraitURL } from "../api";
import { byId, make } from "./dom";

const THUMB_EDGE = 96;

export interface GalleryEvents {
  onRename(persona: Persona, name: string): Promise<void>;
  /** The ids of all, in their new order. */
  onOrder(ids: string[]): Promise<void>;
  onRemove(persona: Persona): void;
  onImport(): void;
}

export class GalleryDialog {
  private readonly dialog = byId("gallery", HTMLDialogElement);
  private readonly list = byId("gallery-list", HTMLOListElement);
  private readonly error = byId("gallery-error", HTMLElement);
  private personas: Persona[] = [];

  constructor(private readonly events: GalleryEvents) {
    byId("gallery-done", HTMLButtonElement).onclick = () => this.dialog.close();
    byId("gallery-import", HTMLButtonElement).onclick = () => {
      this.dialog.close();
      events.onImport();
    };
  }

  open(personas: Persona[]): void {
    this.error.hidden = true;
    this.show(personas);
    this.dialog.showModal();
  }

  /** Shows what there is now. */
  show(personas: Persona[]): void {
    this.personas = personas;
    this.list.replaceChildren(...personas.map((persona, at) => this.row(persona, at)));
  }

  private row(persona: Persona, at: number): HTMLLIElement {
    const { id, name } = persona;
    const thumb = make("img", { src: portraitURL(id, THUMB_EDGE), alt: "", width: 48, height: 48, loading: "lazy" });
    const move = (step: number, sign: string, where: string): HTMLButtonElement => {
      const button = make("button", {
        type: "button", class: "quiet round", "aria-label": `Move ${name} ${where}`, "data-move": `${id} ${step}`,
        disabled: this.personas[at + step] === undefined,
      }, sign);
      button.onclick = () => void this.move(at, step);
      return button;
    };
    const save = make("a", { class: "quiet button", href: personaFileURL(id), download: `${id}.persona`, "aria-label": `Save ${name} as a file` }, "Save");
    const tools = make("span", { class: "row-tools" }, move(-1, "↑", "up"), move(1, "↓", "down"), save);
    if (!persona.builtin) {
      const remove = make("button", { type: "button", class: "quiet", "aria-label": `Delete ${name}` }, "Delete");
      remove.onclick = () => this.events.onRemove(persona);
      tools.append(remove);
    }
    return make("li", {}, thumb, this.title(persona), tools);
  }

  /** The name to write into; one that is built in keeps its own. */
  private title(persona: Persona): HTMLElement {
    if (persona.builtin) return make("span", { class: "title" }, persona.name);
    const input = make("input", { value: persona.name, maxlength: 80, "aria-label": `Name of ${persona.name}`, autocomplete: "off", spellcheck: "false" });
    input.onchange = () => {
      const name = input.value.trim();
      if (name === "") input.value = persona.name;
      else if (name !== persona.name) void this.attempt(this.events.onRename(persona, name));
    };
    return input;
  }

  private async move(from: number, step: number): Promise<void> {
    const ids = this.personas.map(({ id }) => id);
    const [moved] = ids.splice(from, 1);
    if (moved === undefined) return;
    ids.splice(from + step, 0, moved);
    await this.attempt(this.events.onOrder(ids));
    // The row was made anew: whoever moves it on wants the same button again.
    const button = this.list.querySelector<HTMLButtonElement>(`[data-move="${CSS.escape(moved)} ${step}"]`);
    const other = this.list.querySelector<HTMLButtonElement>(`[data-move="${CSS.escape(moved)} ${-step}"]`);
    (button?.disabled ? other : button)?.focus();
  }

  private async attempt(work: Promise<void>): Promise<void> {
    try {
      await work;
      this.error.hidden = true;
    } catch (error) {
      this.error.textContent = error instanceof Error ? error.message : String(error);
      this.error.hidden = false;
    }
  }
}
