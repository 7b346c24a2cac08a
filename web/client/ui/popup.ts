/** A list of buttons below its own: opens, closes, moves by arrow keys, and goes when one is done with it. */
export class Popup {
  constructor(private readonly button: HTMLButtonElement, private readonly list: HTMLElement) {
    list.addEventListener("keydown", (event) => this.key(event));
    // Whoever tabs on is done with the list.
    list.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.holds(relatedTarget)) this.open(false);
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (this.isOpen && !this.holds(target)) this.open(false);
    });
    list.addEventListener("click", ({ target }) => {
      if (!(target instanceof Element && target.closest("button"))) return;
      this.open(false);
      button.focus();
    }, { capture: true });
  }

  get isOpen(): boolean {
    return !this.list.hidden;
  }

  open(open: boolean): void {
    this.list.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.buttons()[0]?.focus();
  }

  private holds(target: EventTarget | null): boolean {
    return target instanceof Node && (this.list.parentElement?.contains(target) ?? false);
  }

  private buttons(): HTMLButtonElement[] {
    return [...this.list.querySelectorAll("button")].filter((button) => button.offsetParent !== null);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      this.open(false);
      this.button.focus();
      event.stopPropagation();
      return;
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const buttons = this.buttons();
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  }
}
