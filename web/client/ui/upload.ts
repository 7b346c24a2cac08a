/** A picture becomes a portrait: dropped anywhere, pasted or chosen, attested, sent, with progress in plain words. */
import type { Persona, UploadLine, Warning } from "../api";
import type { Problem } from "../common/problem";
import { readable } from "../media/portrait";
import { Sending } from "../sending";
import { byId } from "./dom";
import { FaceChoice } from "./faces";
import { sentence } from "../common/sentence";

/** The server's limit, bytes. */
const MAX_BYTES = 32 * 2 ** 20;
/** Share of the progress bar that sending the file takes. */
const SENDING = 0.3;

/** Refusals that the same picture may outlive. */
const PASSING = ["busy", "cut", "http", "internal", "too_many_personas", "disk_full", "not_saved", "bad_name", "upload_broken"];

export interface UploadEvents {
  onDone(persona: Persona, warnings: Warning[]): void;
  onProblem(text: string): void;
  /** There are more pictures of the same person. */
  onMore(picture: File): void;
  /** Files that are chosen, dropped or pasted are taken by somebody else, before they are asked about. */
  takes(files: File[]): boolean;
}

export class Upload {
  private readonly dialog = byId("upload", HTMLDialogElement);
  private readonly preview = byId("upload-preview", HTMLImageElement);
  private readonly nameInput = byId("upload-name", HTMLInputElement);
  private readonly attest = byId("upload-attest", HTMLInputElement);
  private readonly work = byId("upload-work", HTMLElement);
  private readonly progress = byId("upload-progress", HTMLProgressElement);
  private readonly step = byId("upload-step", HTMLElement);
  private readonly error = byId("upload-error", HTMLElement);
  private readonly go = byId("upload-go", HTMLButtonElement);
  private readonly file = byId("file", HTMLInputElement);
  private readonly drop = byId("drop", HTMLElement);
  private readonly another = byId("upload-another", HTMLButtonElement);
  private readonly more = byId("upload-more", HTMLButtonElement);
  private readonly named = byId("upload-named", HTMLElement);
  /** What was chosen is a persona file of somebody else's, which brings its name. */
  private isPersona = false;
  /** The server has refused this picture, and would again. */
  private refused = false;
  private readonly faces = new FaceChoice(byId("upload-faces", HTMLElement), byId("upload-faces-hint", HTMLElement));
  private chosen: File | null = null;
  private picture: Promise<Blob> | null = null;
  private sending: Sending | null = null;

  constructor(private readonly events: UploadEvents) {
    this.file.onchange = () => {
      const chosen = [...this.file.files ?? []];
      this.file.value = "";
      this.receive(chosen);
    };
    this.attest.onchange = () => {
      this.allow();
      // Nothing leaves the browser before the tick.
      if (this.attest.checked && !this.isPersona) void this.lookForFaces();
      else this.faces.clear();
    };
    this.nameInput.oninput = () => this.allow();
    this.another.onclick = () => {
      this.dialog.close();
      this.choose();
    };
    this.more.onclick = () => {
      const { chosen } = this;
      this.dialog.close();
      if (chosen) this.events.onMore(chosen);
    };
    byId("upload-cancel", HTMLButtonElement).onclick = () => this.dialog.close();
    byId("upload-form", HTMLFormElement).onsubmit = (event) => {
      event.preventDefault();
      this.send();
    };
    this.dialog.onclose = () => this.cleanUp();
    this.listen();
  }

  setAttestation(text: string): void {
    byId("upload-attest-text", HTMLElement).textContent = text;
  }

  /** Opens the file chooser. */
  choose(): void {
    this.file.click();
  }

  private listen(): void {
    addEventListener("dragenter", (event) => this.drag(event));
    addEventListener("dragover", (event) => this.drag(event));
    addEventListener("dragleave", ({ relatedTarget }) => {
      if (relatedTarget === null) this.drop.hidden = true;
    });
    addEventListener("drop", (event) => {
      event.preventDefault();
      this.drop.hidden = true;
      if (!this.receive([...event.dataTransfer?.files ?? []])) this.events.onProblem("That was not a picture file; save the picture first, then drop the file here.");
    });
    addEventListener("paste", ({ clipboardData }) => {
      this.receive([...clipboardData?.files ?? []]);
    });
  }

  /** False where there are none. */
  private receive(files: File[]): boolean {
    const [first] = files;
    if (first && !this.dialog.open && !this.events.takes(files)) this.ask(first);
    return first !== undefined;
  }

  private drag(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.drop.hidden = this.dialog.open;
  }

  /** Shows what was chosen and asks for the tick. */
  private ask(picture: File): void {
    const problem = problemWith(picture);
    if (problem !== null) {
      this.events.onProblem(problem);
      return;
    }
    this.isPersona = /\.persona$/i.test(picture.name);
    this.chosen = picture;
    this.picture = this.isPersona ? Promise.resolve(picture) : readable(picture);
    this.named.hidden = this.preview.hidden = this.more.hidden = this.isPersona;
    byId("upload-title", HTMLElement).textContent = this.isPersona ? `Bring in ${picture.name}` : "A new portrait";
    const address = URL.createObjectURL(picture);
    this.preview.src = address;
    // What only the server can read, such as HEIC, or nobody, leaves the frame empty.
    this.preview.decode().catch(() => (this.preview.src = EMPTY)).finally(() => URL.revokeObjectURL(address));
    this.nameInput.value = titleOf(picture.name);
    this.attest.checked = false;
    this.error.hidden = this.work.hidden = true;
    this.refused = false;
    this.allow();
    this.dialog.showModal();
    if (!this.isPersona) this.nameInput.select();
  }

  private allow(): void {
    this.go.disabled = !this.attest.checked || this.nameInput.value.trim() === "" || this.sending !== null || this.refused;
    this.another.hidden = !this.refused;
    this.more.disabled = this.sending !== null;
    this.go.hidden = this.refused;
  }

  private send(): void {
    if (!this.picture || this.go.disabled) return;
    const doing = this.isPersona ? "Sending the file" : "Sending the picture";
    const query = new URLSearchParams({ name: this.nameInput.value.trim(), attest: "true" });
    if (this.faces.chosen > 0) query.set("face", String(this.faces.chosen));
    const sending = new Sending(this.isPersona ? "api/personas/file?attest=true" : `api/personas?${query}`, {
      onSent: (share) => this.report(SENDING * share, doing),
      onLine: (line) => this.take(line),
      onFail: (problem) => this.fail(problem),
    });
    this.sending = sending;
    this.allow();
    this.error.hidden = true;
    this.work.hidden = false;
    this.report(0, doing);
    void this.picture.then((picture) => sending.send(picture));
  }

  private async lookForFaces(): Promise<void> {
    const picture = this.picture;
    const read = await picture;
    if (read && picture === this.picture && this.attest.checked) await this.faces.look(read);
  }

  private take({ progress, step, persona, warnings }: UploadLine): void {
    if (progress !== undefined) this.report(SENDING + (1 - SENDING) * progress, step ?? "");
    if (!persona) return;
    this.sending = null;
    this.dialog.close();
    this.events.onDone(persona, warnings ?? persona.warnings);
  }

  private report(share: number, step: string): void {
    this.progress.value = share;
    if (this.step.textContent !== step) this.step.textContent = step;
  }

  private fail({ code, message }: Problem): void {
    this.sending = null;
    this.refused = !PASSING.includes(code);
    this.work.hidden = true;
    this.error.textContent = sentence(message);
    this.error.hidden = false;
    this.allow();
  }

  private cleanUp(): void {
    this.sending?.abort();
    this.sending = null;
    this.picture = this.chosen = null;
    this.faces.clear();
    this.preview.removeAttribute("src");
  }
}

/** What is wrong with a file before it is sent; null where nothing is. */
function problemWith({ size }: Blob): string | null {
  if (size === 0) return "That file is empty; choose another picture.";
  return size > MAX_BYTES ? "That picture is larger than 32 MiB; save it smaller and try again." : null;
}

/** A picture of one transparent pixel. */
const EMPTY = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

/** A name for people out of a file name. */
export function titleOf(fileName: string): string {
  const words = fileName.replace(/\.[^.]*$/, "").replace(/[_\-.]+/g, " ").trim();
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  return /^(image|img|picture|untitled|screenshot)?[\s\d]*$/i.test(title) ? "My portrait" : title.slice(0, 80);
}
