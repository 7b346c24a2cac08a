/** Entry of the popup. */
import { byId, find, make, setPressed } from "../../client/ui/dom";
import { browser } from "../browser";
import { serverAddress } from "../kept";
import { type FromPopup, type PopupState, PORTS, type ToDriver } from "../messages";

const port = browser.runtime.connect({ name: PORTS.popup });
const on = byId("on", HTMLButtonElement);
const panic = byId("panic", HTMLButtonElement);
const personas = byId("persona", HTMLSelectElement);
const form = byId("server", HTMLFormElement);
const address = find(form, "[name=server]", HTMLInputElement);
const token = find(form, "[name=token]", HTMLInputElement);
let state: PopupState | null = null;

function ask(message: FromPopup): void {
  port.postMessage(message);
}

function drive(message: ToDriver): void {
  ask({ type: "driver", message });
}

function show(now: PopupState): void {
  state = now;
  const { driver, sites } = now;
  setPressed(on, now.on);
  setPressed(panic, driver?.panic ?? false);
  for (const button of [panic, byId("calibrate", HTMLButtonElement), personas]) button.disabled = !driver?.live;
  byId("words", HTMLElement).textContent = now.trouble || (driver?.words ?? (now.on
    ? "Its tab is not open: it opens with the next call, or with the button below."
    : "Switched off: sites see your real camera only."));
  personas.replaceChildren(...(driver?.personas ?? []).map(({ id, name }) => make("option", { value: id }, name)));
  personas.value = driver?.persona ?? "";
  byId("sites", HTMLElement).replaceChildren(...(sites.length > 0
    ? sites.map(({ origin, title }) => make("li", {}, title ? `${origin}: ${title}` : origin))
    : [make("li", { class: "small" }, "none")]));
  byId("latency", HTMLElement).textContent = driver && driver.latency > 0 ? `${driver.latency.toFixed(0)} ms` : "–";
  if (document.activeElement?.closest("form") !== form) {
    address.value = now.server;
    token.placeholder = now.hasToken ? "kept; write to replace it" : "none";
  }
}

on.onclick = () => ask({ type: "on", on: !state?.on });
panic.onclick = () => drive({ type: "panic", on: !state?.driver?.panic });
personas.onchange = () => drive({ type: "persona", id: personas.value });
byId("calibrate", HTMLButtonElement).onclick = () => drive({ type: "calibrate" });
byId("show", HTMLButtonElement).onclick = () => ask({ type: "show-driver" });
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
