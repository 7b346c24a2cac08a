/** The dialog in which several pictures teach a face: gathered or filmed, ticked, sent, and what became of each. */
import type { Judged } from "../api";
import { sentence } from "../common/sentence";
import { byId, make } from "./dom";

/** What is going on. */
type State = "gather" | "filming" | "work" | "review";

export interface TeachEvents {
  /** Pictures or a film are to be chosen from files. */
  onChoose(): void;
  onCamera(): void;
  onLeaveOut(number: number): void;
  onSend(name: string): void;
  /** What is going on is to stop; the dialog stays. */
  onStop(): void;
  /** It was closed, whatever was going on. */
  onClosed(): void;
}

/** A picture as it is shown. */
export interface Shown {
  name: string;
  address: string;
}

export class TeachDialog {
  private readonly dialog = byId("teach", HTMLDialogElement);
  private readonly title = byId("teach-title", HTMLElement);
  private readonly list = byId("teach-pictures", HTMLUListElement);
  private readonly asked = byId("teach-asked", HTMLElement);
  private readonly said = byId("teach-said", HTMLElement);
  private readonly nameInput = byId("teach-name", HTMLInputElement);
  private readonly attest = byId("teach-attest", HTMLInputElement);
  private readonly video = byId("teach-video", HTMLVideoElement);
  private readonly prompt = byId("teach-prompt", HTMLElement);
  private readonly sign = byId("teach-sign", HTMLElement);
  private readonly film = byId("teach-film", HTMLProgressElement);
  private readonly progress = byId("teach-progress", HTMLProgressElement);
  private readonly step = byId("teach-step", HTMLElement);
  private readonly error = byId("teach-error", HTMLElement);
  private readonly go = byId("teach-go", HTMLButtonElement);
  private readonly stop = byId("teach-stop", HTMLButtonElement);
  private readonly close = byId("teach-close", HTMLButtonElement);
  private state: State = "gather";
  private count = 0;

  constructor(events: TeachEvents) {
    byId("teach-choose", HTMLButtonElement).onclick = () => events.onChoose();
    byId("teach-camera", HTMLButtonElement).onclick = () => events.onCamera();
    this.stop.onclick = () => events.onStop();
    this.close.onclick = () => this.dialog.close();
    this.attest.onchange = () => this.allow();
    this.nameInput.oninput = () => this.allow();
    byId("teach-form", HTMLFormElement).onsubmit = (event) => {
      event.preventDefault();
      if (!this.go.disabled && this.state === "gather") events.onSend(this.nameInput.value.trim());
    };
    this.list.addEventListener("click", ({ target }) => {
      const button = target instanceof Element ? target.closest("button") : null;
      if (button?.dataset["number"]) events.onLeaveOut(Number(button.dataset["number"]));
    });
    this.dialog.onclose = () => {
      this.video.srcObject = null;
      events.onClosed();
    };
  }

  get isOpen(): boolean {
    return this.dialog.open;
  }

  /** Whether pictures may be added now. */
  get gathers(): boolean {
    return this.isOpen && this.state === "gather";
  }

  open(): void {
    if (this.isOpen) return;
    this.nameInput.value = "";
    this.attest.checked = false;
    this.say("");
    this.fail(null);
    this.show([]);
    this.enter("gather");
    this.dialog.showModal();
  }

  /** Proposes a name where none was given. */
  name(text: string): void {
    if (this.nameInput.value.trim() === "") this.nameInput.value = text;
    this.allow();
  }

  /** Shows what was gathered; all of it is ticked anew. */
  show(pictures: readonly Shown[]): void {
    this.count = pictures.length;
    this.attest.checked = false;
    this.list.replaceChildren(...pictures.map(({ name, address }, number) => {
      const out = make("button", { type: "button", class: "glass", "data-number": number, "aria-label": `Leave out ${name}`, title: "Leave out" }, "×");
      return make("li", {}, picture(address), out, make("span", { class: "name" }, name));
    }));
    this.allow();
  }

  /** One sentence about what was gathered. */
  say(text: string): void {
    this.said.textContent = text;
  }

  /** What went wrong, as a sentence; null nothing. */
  fail(message: string | null): void {
    this.error.hidden = message === null;
    this.error.textContent = message === null ? "" : sentence(message);
  }

  gather(): void {
    this.video.srcObject = null;
    this.enter("gather");
  }

  /** Shows the camera; the film element that plays it. */
  filming(stream: MediaStream): HTMLVideoElement {
    this.fail(null);
    this.say("");
    this.film.value = 0;
    this.video.srcObject = stream;
    void this.video.play().catch(() => undefined);
    this.enter("filming");
    return this.video;
  }

  /** What the one before the camera is to do, and how far the film is, 0..1. */
  ask(text: string, sign: string, share: number): void {
    this.film.value = share;
    // What is the same is not to be read out again.
    if (this.prompt.textContent === text) return;
    this.prompt.textContent = text;
    this.sign.textContent = sign;
  }

  /** How far the work is, 0..1, and what is being done. */
  report(share: number, step: string): void {
    if (this.state !== "work") {
      this.fail(null);
      this.enter("work");
    }
    this.progress.value = share;
    if (this.step.textContent !== step) this.step.textContent = step;
  }

  /** What became of each picture. */
  review(name: string, judged: readonly Judged[], tuned: string): void {
    const shown = judged.slice(0, this.list.children.length); // what follows are frames that nobody chose
    for (const [i, item] of [...this.list.children].entries()) {
      const { use, code, why } = shown[i] ?? { use: "none", code: "", why: "" };
      item.querySelector("button")?.remove();
      item.className = use === "none" ? (code === "alike" ? "spare" : "out") : "kept";
      const text = use === "face" ? "Shown" : use === "view" ? "Kept" : code === "alike" ? "Not needed: the others show it already." : `Left out: ${why ?? ""}`;
      item.append(make("span", { class: "verdict" }, use === "none" && code !== "alike" ? sentence(text) : text));
    }
    const kept = judged.filter(({ use }) => use !== "none").length;
    const out = shown.filter(({ use, code }) => use === "none" && code !== "alike").length;
    this.say(`“${name}” is made of ${kept} ${kept === 1 ? "picture" : "pictures"}${out > 0 ? `; ${out} ${out === 1 ? "was" : "were"} left out` : ""}. It moves already.${tuned === "" ? "" : ` ${sentence(tuned)}`}`);
    this.enter("review");
  }

  private enter(state: State): void {
    this.state = state;
    this.dialog.dataset["state"] = state;
    for (const part of this.dialog.querySelectorAll<HTMLElement>("[data-in]")) part.hidden = !part.dataset["in"]!.split(" ").includes(state);
    this.title.textContent = state === "review" ? "What was learned" : "Teach my face";
    this.close.textContent = state === "review" ? "Done" : "Cancel";
    this.close.className = state === "review" ? "primary" : "quiet";
    for (const button of this.list.querySelectorAll("button")) button.disabled = state !== "gather";
    this.allow();
    if (!this.isOpen) return;
    if (state === "review") this.close.focus();
    else if (state === "filming" || state === "work") this.stop.focus();
  }

  private allow(): void {
    this.go.disabled = this.count === 0 || !this.attest.checked || this.nameInput.value.trim() === "";
    this.asked.hidden = this.count === 0 || this.state !== "gather";
  }
}

/** What only the server can read, such as HEIC, or nobody, leaves the frame empty. */
function picture(address: string): HTMLImageElement {
  const image = make("img", { src: address, alt: "", width: 96, height: 96, loading: "lazy" });
  image.onerror = () => image.removeAttribute("src");
  return image;
}
