/** The settings drawer: a form over the preferences. */
import { addBackdrop } from "../api";
import { keepBackdrop, keptBackdrop, shrink } from "../media/backdrop";
import { listDevices } from "../media/devices";
import type { Background, Codec } from "../net/messages";
import type { Prefs } from "../prefs";
import { byId, make } from "./dom";

const PARTS = ["head", "mouth", "eyes", "brows"] as const;
const TICKS = ["selfView", "shortcuts", "idle", "smooth"] as const;

export class SettingsForm {
  private readonly form = byId("settings-form", HTMLFormElement);
  private readonly cameras = byId("cameras", HTMLSelectElement);
  private readonly microphones = byId("microphones", HTMLSelectElement);
  /** The backdrop that was chosen last, as the server names it. */
  private backdrop: string | undefined;

  /** onChange is told which preference changed, after prefs holds its new value; onError what went wrong; session is the name of ours. */
  constructor(
    private readonly prefs: Prefs, private readonly onChange: (key: keyof Prefs) => void,
    private readonly onError: (error: unknown) => void, private readonly session: () => string,
  ) {
    this.form.addEventListener("input", ({ target }) => this.read(target as HTMLInputElement | HTMLSelectElement));
    byId("backdrop-choose", HTMLButtonElement).onclick = () => this.input("backdrop").click();
    byId("strength-reset", HTMLButtonElement).onclick = () => {
      for (const part of PARTS) this.prefs.strength[part] = 1;
      this.fill();
      this.onChange("strength");
    };
    this.fill();
  }

  /** Shows what prefs holds now. */
  fill(): void {
    const { prefs } = this;
    for (const part of PARTS) {
      this.input(part).value = String(prefs.strength[part]);
      this.label(part);
    }
    for (const radio of this.form.querySelectorAll<HTMLInputElement>("[name=background]")) {
      radio.checked = radio.value === prefs.background.mode;
      if (radio.value === "image") radio.disabled = this.backdrop === undefined;
    }
    if (prefs.background.color) this.input("color").value = prefs.background.color;
    for (const tick of TICKS) this.input(tick).checked = prefs[tick];
    (this.form.elements.namedItem("codec") as HTMLSelectElement).value = prefs.codec;
  }

  /** Asks the browser again which cameras and microphones there are. */
  async fillDevices(): Promise<void> {
    fillChoice(this.cameras, await listDevices("videoinput"), this.prefs.camera);
    fillChoice(this.microphones, await listDevices("audioinput"), this.prefs.microphone);
  }

  private read(field: HTMLInputElement | HTMLSelectElement): void {
    const { prefs } = this;
    switch (field.name) {
      case "head": case "mouth": case "eyes": case "brows":
        prefs.strength[field.name] = Number(field.value);
        this.label(field.name);
        this.onChange("strength");
        break;
      case "background":
        prefs.background = this.background(field.value as Background["mode"]);
        this.onChange("background");
        break;
      case "color":
        // Whoever picks a colour wants to see it.
        prefs.background = this.background("color");
        this.fill();
        this.onChange("background");
        break;
      case "backdrop":
        void this.hang((field as HTMLInputElement).files?.[0]);
        break;
      case "camera": case "microphone":
        prefs[field.name] = field.value;
        this.onChange(field.name);
        break;
      case "codec":
        prefs.codec = field.value as Codec;
        this.onChange("codec");
        break;
      case "selfView": case "shortcuts": case "idle": case "smooth":
        prefs[field.name] = (field as HTMLInputElement).checked;
        this.onChange(field.name);
        break;
    }
  }

  /** Puts a picture of the user's own behind the portrait. */
  private async hang(chosen: File | undefined): Promise<void> {
    if (!chosen) return;
    try {
      const picture = await shrink(chosen);
      this.backdrop = await addBackdrop(picture, this.session());
      this.prefs.background = this.background("image");
      this.onChange("background");
      await keepBackdrop(picture);
    } catch (error) {
      this.onError(error);
    }
    this.input("backdrop").value = ""; // the same file may be chosen again
    this.fill();
  }

  /** Gives a server that does not have it the user's own picture of an earlier visit. */
  async bringBackdrop(): Promise<void> {
    const picture = await keptBackdrop();
    if (!picture) return;
    this.backdrop = await addBackdrop(picture, this.session());
    if (this.prefs.background.mode === "image") this.prefs.background = this.background("image");
    this.fill();
  }

  private background(mode: Background["mode"]): Background {
    if (mode === "color") return { mode, color: this.input("color").value };
    return mode === "image" && this.backdrop ? { mode, image: this.backdrop } : { mode };
  }

  private label(part: (typeof PARTS)[number]): void {
    const input = this.input(part);
    const text = `${Math.round(Number(input.value) * 100)} %`;
    input.setAttribute("aria-valuetext", text);
    (input.nextElementSibling as HTMLOutputElement).value = text;
  }

  private input(name: string): HTMLInputElement {
    return this.form.elements.namedItem(name) as HTMLInputElement;
  }
}

function fillChoice(select: HTMLSelectElement, devices: MediaDeviceInfo[], chosen: string): void {
  select.replaceChildren(make("option", { value: "" }, "The browser’s choice"),
    ...devices.map(({ deviceId, label }) => make("option", { value: deviceId }, label)));
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = "";
}
