/** Entry of the popup. */
import { byId, find, make, setPressed } from "../../client/ui/dom";
import { browser } from "../browser";
import { serverAddress } from "../kept";
import { type FromPopup, type PopupState, PORTS, type ToDriver } from "../messages";
import type { KnownSite } from "../sites";

const port = browser.runtime.connect({ name: PORTS.popup });
const on = byId("on", HTMLButtonElement);
const panic = byId("panic", HTMLButtonElement);
const personas = byId("persona", HTMLSelectElement);
const form = byId("server", HTMLFormElement);
const address = find(form, "[name=server]", HTMLInputElement);
const token = find(form, "[name=token]", HTMLInputElement);
const through = byId("through", HTMLInputElement);
let state: PopupState | null = null;

function ask(message: FromPopup): void {
  port.postMessage(message);
}

function drive(message: ToDriver): void {
  ask({ type: "driver", message });
}

function show(now: PopupState): void {
  state = now;
  const { driver } = now;
  setPressed(on, now.on);
  setPressed(panic, driver?.panic ?? false);
  for (const button of [panic, byId("calibrate", HTMLButtonElement), personas]) button.disabled = !driver?.live;
  byId("words", HTMLElement).textContent = now.trouble || (driver?.words ?? (now.on
    ? "Its tab is not open: it opens with the next call, or with the button below."
    : "Switched off: sites see your real camera only."));
  fill(personas, driver?.personas ?? [], ({ id, name }) => make("option", { value: id }, name));
  personas.value = driver?.persona ?? "";
  showSites(now);
  through.checked = now.through;
  byId("latency", HTMLElement).textContent = driver && driver.latency > 0 ? `${driver.latency.toFixed(0)} ms` : "–";
  if (document.activeElement?.closest("form") !== form) {
    address.value = now.server;
    token.placeholder = now.hasToken ? "kept; write to replace it" : "none";
  }
}

/** Those that show it now, and the others that ever asked; each has a switch. */
function showSites({ sites, known, newSites }: PopupState): void {
  const byOrigin = new Map(sites.map(({ origin }) => [origin, sites.filter((site) => site.origin === origin).map(({ title }) => title)]));
  const shown = [...byOrigin].map(([origin, titles]) => ({ origin, on: true, titles: titles.filter((title) => title !== "") }));
  const others = known.filter(({ origin }) => !byOrigin.has(origin)).reverse().map((site) => ({ ...site, titles: [] }));
  fill(byId("sites", HTMLElement), shown, siteLine, make("li", { class: "small" }, "none"));
  fill(byId("others", HTMLElement), others, siteLine, make("li", { class: "small" }, "none"));
  byId("new-sites", HTMLInputElement).checked = newSites;
  byId("forget", HTMLButtonElement).disabled = others.length === 0;
}

function siteLine({ origin, on, titles }: KnownSite & { titles: string[] }): HTMLElement {
  const box = make("input", { type: "checkbox", checked: on });
  box.onchange = () => ask({ type: "site", origin, on: box.checked });
  return make("li", {}, make("label", {}, box, titles.length > 0 ? `${origin}: ${titles.join(", ")}` : origin));
}

const filled = new WeakMap<HTMLElement, string>();

/** Puts a line for each item into a list, or what stands there for none; the same again is left alone, with the focus that is in it. */
function fill<T>(list: HTMLElement, items: T[], line: (item: T) => HTMLElement, none?: HTMLElement): void {
  const key = JSON.stringify(items);
  if (filled.get(list) === key) return;
  filled.set(list, key);
  list.replaceChildren(...(items.length > 0 || !none ? items.map((item) => line(item)) : [none]));
}

on.onclick = () => ask({ type: "on", on: !state?.on });
panic.onclick = () => drive({ type: "panic", on: !state?.driver?.panic });
personas.onchange = () => drive({ type: "persona", id: personas.value });
byId("calibrate", HTMLButtonElement).onclick = () => drive({ type: "calibrate" });
byId("show", HTMLButtonElement).onclick = () => ask({ type: "show-driver" });
byId("new-sites", HTMLInputElement).onchange = ({ target }) => ask({ type: "new-sites", on: (target as HTMLInputElement).checked });
byId("forget", HTMLButtonElement).onclick = () => ask({ type: "forget-sites" });
through.onchange = () => ask({ type: "through", on: through.checked });
form.onsubmit = (event) => {
  event.preventDefault();
  const server = serverAddress(address.value);
  const done = (): void => ask({ type: "server", server: address.value, token: token.value });
  // Another machine's server needs the user's leave; a browser asks for it on a click only.
  if (server === null) done();
  else void browser.permissions.request({ origins: [new URL("*", server.replace(/:\d+\/$/, "/")).href] }).then(done, done);
};
byId("origin", HTMLOutputElement).value = browser.runtime.getURL("").replace(/\/$/, "");
port.onMessage.addListener((message) => show(message as PopupState)); // from our own background
