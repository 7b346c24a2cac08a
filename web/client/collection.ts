/** The portraits: which there are, which one is shown, how they come and go. */
import { deletePersona, getPersonas, type Persona, renamePersona, reorderPersonas, type Warning } from "./api";
import type { Connection } from "./net/connection";
import { byId } from "./ui/dom";
import { GalleryDialog } from "./ui/gallery";
import type { Notices } from "./ui/notices";
import type { Stage } from "./ui/stage";
import { Strip } from "./ui/strip";
import { Upload, type UploadEvents } from "./ui/upload";

export class Collection {
  personas: Persona[] = [];
  /** Id of the present persona. */
  current = "";
  private readonly strip: Strip;
  private readonly upload: Upload;
  private readonly gallery: GalleryDialog;
  /** Switches that the server has not answered yet. */
  private pending = 0;

  /** onChosen is told the id of the persona that is the present one from now on; several takes more pictures than one. */
  constructor(
    private readonly connection: Connection, private readonly stage: Stage, private readonly notices: Notices,
    private readonly onChosen: (id: string) => void, several: Pick<UploadEvents, "takes" | "onMore">,
  ) {
    this.strip = new Strip({
      onPick: (persona) => void this.pick(persona),
      onRemove: (persona) => void this.remove(persona),
      onAdd: () => this.upload.choose(),
      onArrange: () => this.gallery.open(this.personas),
    });
    this.gallery = new GalleryDialog({
      onRename: (persona, name) => this.change(renamePersona(persona.id, name)),
      onOrder: (ids) => this.change(reorderPersonas(ids)),
      onRemove: (persona) => void this.remove(persona),
      onImport: () => this.upload.choose(),
    });
    this.upload = new Upload({
      onDone: (persona, warnings) => void this.welcome(persona, warnings),
      onProblem: (text) => this.notices.problem(text),
      ...several,
    });
  }

  /** Shows what the server has; the first of wanted that exists is the present one. */
  show(personas: Persona[], wanted: string[], attestation: string): void {
    this.personas = personas;
    this.upload.setAttestation(attestation);
    const chosen = wanted.map((id) => this.find(id)).find((persona) => persona !== undefined);
    this.choose(chosen ?? personas[0]);
    this.strip.show(personas, this.current);
  }

  /** Chooses by digit key, 1 for the first. */
  pickDigit(digit: number): void {
    const persona = this.strip.at(digit);
    if (persona) void this.pick(persona);
  }

  /** Switches in mid-stream; goes back where the server refuses. */
  async pick(persona: Persona): Promise<void> {
    const before = this.current;
    this.choose(persona);
    if (this.connection.phase !== "live") return;
    this.pending++;
    this.stage.setBusy(true);
    try {
      await this.connection.request("persona", { persona: persona.id });
    } catch (error) {
      if (this.current === persona.id) this.choose(this.find(before));
      this.notices.complain(error);
    } finally {
      this.pending--;
      this.stage.setBusy(this.pending > 0);
    }
  }

  /** Name of the present portrait. */
  get name(): string {
    return this.find(this.current)?.name ?? "";
  }

  /** The server shows this persona, or does not know the present one for null. */
  follow(id: string | null): void {
    // News of a switch that the user has already overtaken.
    if (id !== null && this.pending > 0) return;
    this.choose(id === null ? this.personas[0] : this.find(id));
  }

  private find(id: string): Persona | undefined {
    return this.personas.find((persona) => persona.id === id);
  }

  /** Makes this persona the present one. */
  private choose(persona: Persona | undefined): void {
    if (!persona) return;
    this.current = persona.id;
    this.strip.mark(persona.id);
    this.stage.show(persona);
    this.onChosen(persona.id);
  }

  /** Opens the chooser of files. */
  chooseFiles(): void {
    this.upload.choose();
  }

  /** A persona was made: it hangs among the others and is shown. */
  async welcome(persona: Persona, warnings: Warning[]): Promise<void> {
    for (const { message } of warnings) this.notices.say(message);
    await this.refresh(persona);
    await this.pick(persona);
    if (warnings.length === 0) this.notices.say(`“${persona.name}” hangs on your wall.`);
  }

  /** After a change of the gallery everything shows it. */
  private async change(work: Promise<void>): Promise<void> {
    await work;
    await this.refresh();
    const now = this.find(this.current);
    if (now) this.stage.name(now);
  }

  private async remove(persona: Persona): Promise<void> {
    if (!await confirmDelete(persona.name)) return;
    try {
      const rest = this.personas.find(({ id }) => id !== persona.id);
      if (persona.id === this.current && rest) await this.pick(rest);
      await deletePersona(persona.id);
      await this.refresh();
    } catch (error) {
      this.notices.complain(error);
    }
  }

  private async refresh(added?: Persona): Promise<void> {
    try {
      this.personas = await getPersonas();
    } catch {
      if (added) this.personas.push(added);
    }
    this.strip.show(this.personas, this.current);
    this.gallery.show(this.personas);
  }
}

function confirmDelete(name: string): Promise<boolean> {
  const dialog = byId("confirm", HTMLDialogElement);
  byId("confirm-text", HTMLElement).textContent = `Delete “${name}” for good?`;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      // The news of an earlier closing may come only now.
      if (!dialog.open) resolve(dialog.returnValue === "yes");
    };
  });
}
