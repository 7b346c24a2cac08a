/** The pause key, which is the panic key too: the portrait comes to rest at once, and nothing of the driver leaves any more. */
import { byId, setPressed } from "./ui/dom";

const SAID = "Paused: a still portrait is all that anybody sees. “Go on”, or H, ends it.";

export class Pausing {
  paused = false;
  private readonly button = byId("pause", HTMLButtonElement);
  private readonly note = byId("paused", HTMLElement);

  /** onChange brings it into force. */
  constructor(private readonly onChange: (paused: boolean) => void) {
    this.button.onclick = () => this.toggle();
  }

  toggle(): void {
    this.paused = !this.paused;
    setPressed(this.button, this.paused);
    this.button.textContent = this.paused ? "Go on" : "Pause";
    document.body.classList.toggle("paused", this.paused);
    this.note.hidden = !this.paused;
    this.note.textContent = this.paused ? SAID : "";
    this.onChange(this.paused);
  }
}
