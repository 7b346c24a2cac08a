/** Several pictures of one person, chosen, filmed or both, become one persona. Nothing leaves the browser before the tick. */
import type { Persona, UploadLine, Warning } from "./api";
import { type Assets, trackerOf } from "./assets";
import { sentence } from "./common/sentence";
import type { Lent } from "./driving";
import { edgeFor, MOST_PICTURES, reduced, smallerEdge } from "./media/several";
import { Sending } from "./sending";
import { type Filmed, Filming } from "./film/filming";
import { readFilm } from "./film/reel";
import { tone } from "./film/tone";
import type { TrackResult } from "./tracker/messages";
import { TeachDialog } from "./ui/teach";
import { titleOf } from "./ui/upload";

/** Share of the progress bar that sending takes. */
const SENDING = 0.2;

interface Gathered {
  name: string;
  picture: Blob;
  address: string;
  /** It is a frame of a film. */
  filmed: boolean;
}

export interface TeachingEvents {
  /** Opens the file chooser. */
  choose(): void;
  /** The camera, until it is given back. It fails with a Problem. */
  lend(): Promise<Lent>;
  onDone(persona: Persona, warnings: Warning[]): void;
}

export class Teaching {
  private readonly dialog: TeachDialog;
  private pictures: Gathered[] = [];
  /** Of the newest film: sent beside its pictures, and not shown. */
  private talk: Blob[] = [];
  private filming: Filming | null = null;
  private lent: Lent | null = null;
  private sending: Sending | null = null;
  /** Stops what goes on for a while. */
  private busy = new AbortController();

  constructor(private readonly assets: Assets, private readonly events: TeachingEvents) {
    this.dialog = new TeachDialog({
      onChoose: () => events.choose(),
      onCamera: () => void this.film(),
      onLeaveOut: (number) => this.leaveOut(number),
      onSend: (name) => this.send(name),
      onStop: () => {
        this.stop();
        this.dialog.gather();
      },
      onClosed: () => {
        this.stop();
        this.forget();
      },
    });
  }

  open(): void {
    this.dialog.open();
  }

  /** Opens with these pictures. */
  begin(files: File[]): void {
    this.dialog.open();
    void this.add(files);
  }

  /** Whether these files are for teaching: several, a film, or whatever comes while it gathers. */
  takes(files: File[]): boolean {
    if (!this.dialog.isOpen && files.length < 2 && !files.some(isFilm)) return false;
    this.dialog.open();
    if (this.dialog.gathers) void this.add(files);
    return true;
  }

  /** One result of the camera's tracker. */
  take(result: TrackResult): void {
    this.filming?.take(result);
  }

  /** The camera is gone. */
  cameraEnded(): void {
    if (!this.filming) return;
    this.stop();
    this.dialog.gather();
    this.dialog.fail("The camera was switched off; start it again when it is back.");
  }

  private async add(files: File[]): Promise<void> {
    const { signal } = this.anew();
    this.dialog.fail(null);
    const told: string[] = [];
    const usable = files.filter(({ name, size }) => size > 0 && !/\.persona$/i.test(name));
    if (usable.length < files.length) told.push("Persona files and empty ones are not for this.");
    const free = Math.max(MOST_PICTURES - this.pictures.length, 0);
    if (usable.length > free) told.push(`Of so many pictures the first ${MOST_PICTURES} are taken.`);
    try {
      const chosen = usable.slice(0, free);
      const edge = edgeFor(this.pictures.length + chosen.length);
      for (const [i, file] of chosen.entries()) {
        this.dialog.report(i / chosen.length, `Reading ${file.name}`);
        if (isFilm(file)) told.push(await this.read(file, signal));
        else this.keep(file.name, await reduced(file, edge), false);
        signal.throwIfAborted();
      }
      await this.shrink(edge, signal);
    } catch (error) {
      if (!signal.aborted) this.dialog.fail(error instanceof Error ? error.message : String(error));
    }
    if (signal.aborted) return;
    this.dialog.gather();
    this.show(told.map(sentence).join(" "));
    if (files[0] && this.pictures.length > 0) this.dialog.name(titleOf(files[0].name));
  }

  /** Makes all of them so small that they fit into one upload. */
  private async shrink(edge: number, signal: AbortSignal): Promise<void> {
    for (let next = smallerEdge(this.sizes, edge); next !== null; next = smallerEdge(this.sizes, next)) {
      for (const one of this.pictures) {
        one.picture = await reduced(one.picture, next);
        signal.throwIfAborted();
      }
    }
  }

  private get sizes(): number[] {
    return this.pictures.map(({ picture }) => picture.size);
  }

  private async read(film: File, signal: AbortSignal): Promise<string> {
    const { script, sources } = trackerOf(this.assets);
    const filmed = await readFilm(film, script, sources, (share) => this.dialog.report(share, `Looking at ${film.name}`), signal);
    return this.keepFilm(filmed);
  }

  /** Keeps what a film came to, and says it in a sentence. */
  private keepFilm({ pictures, talk, frames, useless, missing }: Filmed): string {
    this.talk = talk;
    for (const { name, picture } of pictures) if (this.pictures.length < MOST_PICTURES) this.keep(name, picture, true);
    if (pictures.length === 0) return "No face could be used: it was not in sight, too small, or turned away.";
    const told = `The best ${pictures.length} of ${frames} frames are kept${useless > 0 ? `; in ${useless} the face was out of sight, unclear or turned away` : ""}.${talk.length > 0 ? ` With them go ${talk.length} small ones of your mouth in words, to learn from.` : ""}`;
    return missing.length > 0 ? `${told} Not seen: ${missing.join(", ")}. Film again if you like.` : told;
  }

  private keep(name: string, picture: Blob, filmed: boolean): void {
    this.pictures.push({ name, picture, filmed, address: URL.createObjectURL(picture) });
  }

  private leaveOut(number: number): void {
    const [gone] = this.pictures.splice(number, 1);
    if (gone) URL.revokeObjectURL(gone.address);
    this.show("");
  }

  private show(text: string): void {
    this.dialog.show(this.pictures);
    this.dialog.say(text);
  }

  private async film(): Promise<void> {
    const { signal } = this.anew();
    this.dialog.fail(null);
    try {
      const lent = await this.events.lend();
      if (signal.aborted) {
        lent.giveBack();
        return;
      }
      this.lent = lent;
      const video = this.dialog.filming(lent.stream);
      this.filming = new Filming(video, {
        onWaiting: (text) => this.dialog.ask(text, "", 0),
        onPrompt: ({ text, sign }, share) => this.dialog.ask(text, sign, share),
        onDone: (filmed) => this.filmed(filmed),
      });
    } catch (error) {
      this.dialog.gather();
      this.dialog.fail(error instanceof Error ? error.message : String(error));
    }
  }

  private filmed(filmed: Filmed): void {
    tone();
    this.stop();
    this.dialog.gather();
    this.show(this.keepFilm(filmed));
    if (this.pictures.length > 0) this.dialog.name("My face");
  }

  private send(name: string): void {
    const body = new FormData();
    for (const one of this.pictures) body.append("picture", one.picture, one.name);
    const query = new URLSearchParams({ name, attest: "true" });
    if (this.pictures.every(({ filmed }) => filmed)) {
      query.set("together", "true");
      for (const [i, frame] of this.talk.slice(0, MOST_PICTURES - this.pictures.length).entries()) body.append("frame", frame, `words ${i + 1}.jpg`);
    }
    const sending = new Sending(`api/personas/views?${query}`, {
      onSent: (share) => this.dialog.report(SENDING * share, share < 1 ? "Sending the pictures" : "Waiting for the server"),
      onLine: (line) => this.hear(line),
      onFail: ({ message }) => {
        this.sending = null;
        this.dialog.gather();
        this.dialog.fail(message);
      },
    });
    this.sending = sending;
    this.dialog.report(0, "Sending the pictures");
    sending.send(body);
  }

  private hear({ progress, step, persona, warnings, pictures, tuned }: UploadLine): void {
    if (progress !== undefined) this.dialog.report(SENDING + (1 - SENDING) * progress, step ?? "");
    if (!persona) return;
    this.sending = null;
    this.dialog.review(persona.name, pictures ?? [], tuned ?? "");
    this.events.onDone(persona, warnings ?? persona.warnings);
  }

  private anew(): AbortController {
    this.stop();
    this.busy = new AbortController();
    return this.busy;
  }

  /** Ends whatever goes on; nothing of it is kept, here or by the server. */
  private stop(): void {
    this.busy.abort();
    this.filming?.cancel();
    this.filming = null;
    this.lent?.giveBack();
    this.lent = null;
    this.sending?.abort();
    this.sending = null;
  }

  private forget(): void {
    for (const { address } of this.pictures) URL.revokeObjectURL(address);
    this.pictures = [];
    this.talk = [];
  }
}

function isFilm({ type, name }: File): boolean {
  return type.startsWith("video/") || /\.(mp4|m4v|mov|webm|mkv)$/i.test(name);
}
