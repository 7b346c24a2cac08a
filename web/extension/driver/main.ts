/** Entry of the driver's page. */
import { byId, make, setPressed } from "../../client/ui/dom";
import { listDevices } from "../../client/media/devices";
import { savePrefs } from "../../client/prefs";
import { browser, type RuntimePort } from "../browser";
import { type FromDriver, PORTS, type ToDriver } from "../messages";
import { Driver } from "./driver";

/** Milliseconds between two reports of how it goes. */
const TELL_EVERY = 1000;

const portrait = byId("portrait", HTMLVideoElement);
const words = byId("words", HTMLElement);
const personas = byId("persona", HTMLSelectElement);
const cameras = byId("cameras", HTMLSelectElement);
const camera = byId("camera", HTMLButtonElement);
const mirror = byId("mirror", HTMLButtonElement);
const panic = byId("panic", HTMLButtonElement);
let driver: Driver | null = null;
let server = "";
let port: RuntimePort | null = null;
/** Another window drives: this one has given up for good. */
let over = false;

/** For tests and for the curious. */
declare global {
  var giocondaDriver: Driver | null;
}

function connect(): void {
  const mine = browser.runtime.connect({ name: PORTS.driver });
  port = mine;
  mine.onMessage.addListener((message) => void take(message as ToDriver)); // from our own background
  mine.onDisconnect.addListener(() => {
    port = null;
    if (!over) setTimeout(connect, 100); // the browser ended an idle background
  });
  tell();
}

async function take(message: ToDriver): Promise<void> {
  if (message.type === "over") {
    over = true;
    driver?.end();
  } else if (message.type === "server") await begin(message.server, message.token);
  else if (message.type === "viewer") {
    const whep = await driver?.through.request(message) ?? { status: 409, headers: { "Retry-After": "2" }, body: "" };
    post({ type: "answer", id: message.id, whep });
  }
  else driver?.take(message);
}

async function begin(address: string, token: string): Promise<void> {
  if (driver) {
    if (address + token !== server) location.reload();
    return;
  }
  server = address + token;
  // The client asks for addresses relative to its server.
  document.head.append(make("base", { href: address }));
  if (token) await fetch(`${address}?token=${encodeURIComponent(token)}`, { credentials: "include" }).catch(() => undefined);
  const file = (name: string): string => browser.runtime.getURL(name);
  driver = new Driver(address, token, { tracker: file("tracker.js"), wasm: file("ort.wasm"), webgpuWasm: file("ort-webgpu.wasm") }, portrait,
    byId("own", HTMLVideoElement), { onChange: tell, onStream: (stream) => show(stream) });
  globalThis.giocondaDriver = driver;
  await driver.start();
  await fillCameras();
}

function show(stream: MediaStream): void {
  portrait.srcObject = stream;
  void portrait.play().catch(() => undefined);
}

function post(message: FromDriver): void {
  port?.postMessage(message);
}

/** Shows how it goes, here and in the rest of the extension. */
function tell(): void {
  const state = driver?.state();
  if (!state) return;
  post({ type: "state", state });
  words.textContent = state.words;
  camera.textContent = state.camera ? "Stop camera" : "Start camera";
  setPressed(panic, state.panic);
  if (driver) setPressed(mirror, driver.prefs.mirror);
  byId("latency", HTMLElement).textContent = state.latency > 0 ? `${state.latency.toFixed(0)} ms` : "–";
  const known = [...personas.options].map(({ value, text }) => value + text).join();
  if (known !== state.personas.map(({ id, name }) => id + name).join()) {
    personas.replaceChildren(...state.personas.map(({ id, name }) => make("option", { value: id }, name)));
  }
  personas.value = state.persona;
}

async function fillCameras(): Promise<void> {
  const devices = await listDevices("videoinput");
  cameras.replaceChildren(make("option", { value: "" }, "The browser’s choice"), ...devices.map(({ deviceId, label }) => make("option", { value: deviceId }, label)));
  cameras.value = driver?.prefs.camera ?? "";
}

/** Chromium and Firefox have it; lib.dom does not know it yet. */
const pip = (globalThis as { documentPictureInPicture?: { requestWindow(size: { width: number; height: number }): Promise<Window> } }).documentPictureInPicture;

/** The portrait in a small window above all others: its tab is never hidden then. */
async function popOut(): Promise<void> {
  const window = await pip?.requestWindow({ width: 320, height: 320 });
  if (!window) return;
  const place = portrait.parentElement;
  window.document.body.style.cssText = "margin:0;background:#17120d";
  portrait.style.cssText = "width:100%;height:100%";
  window.document.body.append(portrait);
  void portrait.play().catch(() => undefined);
  window.addEventListener("pagehide", () => {
    portrait.style.cssText = "";
    place?.prepend(portrait);
    void portrait.play().catch(() => undefined);
  });
}

personas.onchange = () => driver?.take({ type: "persona", id: personas.value });
camera.onclick = () => driver?.take({ type: "camera", on: !driver.state().camera });
panic.onclick = () => driver?.take({ type: "panic", on: !driver.state().panic });
mirror.onclick = () => {
  driver?.setMirror(!driver.prefs.mirror);
  tell();
};
byId("calibrate", HTMLButtonElement).onclick = () => driver?.take({ type: "calibrate" });
cameras.onchange = () => {
  if (!driver) return;
  driver.prefs.camera = cameras.value;
  savePrefs(driver.prefs);
  void driver.setCamera(true);
};
const out = byId("pop-out", HTMLButtonElement);
out.hidden = !pip;
out.onclick = () => void popOut();
connect();
setInterval(tell, TELL_EVERY);
