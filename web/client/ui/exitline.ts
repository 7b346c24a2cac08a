/** One way out that runs: its address, whether it is connected, its figures, and the button that ends it. */
import { type Exit, exitFigures, exitState } from "../exits";
import { make } from "./dom";

export class ExitLine {
  readonly root = make("div", { class: "exit" });
  private readonly address = make("code");
  private readonly state = make("span", { role: "status" });
  /** Not read out: they change with every look. */
  private readonly figures = make("span", { class: "figure" });
  private readonly stop = make("button", { type: "button", class: "quiet small" });
  private last: Exit | undefined;

  /** onStop is called for the button. */
  constructor(onStop: () => void) {
    this.stop.onclick = onStop;
    this.root.append(this.address, make("p", {}, this.state, " ", this.figures), this.stop);
  }

  /** Shows it as it is now, seconds after the last time. What stays the same is left alone: focus, and what was read out. */
  update(exit: Exit, seconds: number): void {
    this.root.dataset["state"] = exit.state;
    setText(this.address, exit.url);
    setText(this.state, exitState(exit));
    setText(this.figures, exitFigures(exit, this.last, seconds));
    setText(this.stop, exit.state === "ended" ? "Remove" : "Stop");
    this.stop.setAttribute("aria-label", `${exit.state === "ended" ? "Remove" : "Stop"} ${exit.url}`);
    this.last = exit;
  }
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
