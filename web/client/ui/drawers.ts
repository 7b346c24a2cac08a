/** The drawers at the right: one open at a time, Escape closes, focus goes in and comes back. */
import { byId, find } from "./dom";

export type DrawerName = "settings" | "latency" | "use";
const NAMES: readonly DrawerName[] = ["settings", "latency", "use"];

export class Drawers {
  constructor(private readonly onChange: (name: DrawerName, open: boolean) => void) {
    for (const name of NAMES) {
      this.button(name).onclick = () => this.toggle(name);
      this.closer(name).onclick = () => this.set(name, false);
    }
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      for (const name of NAMES) {
        if (!this.isOpen(name)) continue;
        this.set(name, false);
        event.preventDefault();
      }
    });
  }

  isOpen(name: DrawerName): boolean {
    return !this.drawer(name).hidden;
  }

  toggle(name: DrawerName): void {
    this.set(name, !this.isOpen(name));
  }

  private set(name: DrawerName, open: boolean): void {
    if (open) for (const other of NAMES) if (other !== name && this.isOpen(other)) this.set(other, false);
    const drawer = this.drawer(name);
    const button = this.button(name);
    const hadFocus = drawer.contains(document.activeElement);
    drawer.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    document.body.classList.toggle("drawer-open", open);
    document.body.classList.toggle("wide-open", open && name !== "settings");
    if (open) this.closer(name).focus();
    else if (hadFocus) button.focus();
    this.onChange(name, open);
  }

  private drawer(name: DrawerName): HTMLElement {
    return byId(name, HTMLElement);
  }

  private closer(name: DrawerName): HTMLButtonElement {
    return find(this.drawer(name), "[data-close]", HTMLButtonElement);
  }

  private button(name: DrawerName): HTMLButtonElement {
    return byId(`open-${name}`, HTMLButtonElement);
  }
}
