/** What the extension shows when its popup is shut: the badge on its icon, the icon's title, a notification. */
import { browser } from "./browser";

const TROUBLE = "#b3261e";
const IN_USE = "#7a5c12";

/** trouble is a sentence, or "" where all is well; sites is how many show the portrait now. */
export function showSigns(trouble: string, sites: number): void {
  const use = sites > 0 ? `Gioconda: ${sites === 1 ? "one site shows" : `${sites} sites show`} the portrait` : "Gioconda";
  void browser.action.setBadgeText({ text: trouble ? "!" : sites > 0 ? String(sites) : "" });
  void browser.action.setBadgeBackgroundColor({ color: trouble ? TROUBLE : IN_USE });
  void browser.action.setTitle({ title: trouble || use });
}

/** Says something where people look; a later one of the same kind takes its place. */
export function notify(kind: "trouble" | "site", message: string): void {
  const options = { type: "basic", iconUrl: browser.runtime.getURL("icon-128.png"), title: "Gioconda", message } as const;
  void browser.notifications.create(kind, options).catch(() => undefined);
}
