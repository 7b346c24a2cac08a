/** Single keys as shortcuts, out of the way of typing, of assistive technology, and of who does not want them. */

export type Shortcut = (digit: number) => void;

/** keys maps lower-case keys to actions; "digit" takes 1..9. enabled is asked at every press. */
export function listenToKeys(keys: Record<string, Shortcut>, enabled: () => boolean): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    if (!enabled() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const digit = Number(event.key);
    const name = digit >= 1 && digit <= 9 ? "digit" : event.key.toLowerCase();
    const action = keys[name];
    if (!action) return;
    event.preventDefault();
    action(digit);
  });
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
