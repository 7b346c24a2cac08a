/**
 * The script beside the page's, in a world of its own: it passes messages on between the page and the extension's background,
 * and knows nothing. The connection to the background begins with the first message, so that pages that want no camera cost
 * nothing, and comes back while the page still uses one: browsers end idle backgrounds.
 */
import { browser, type RuntimePort } from "./browser";
import { isFromPage, PORTS } from "./messages";
import { CALL } from "./page/link";

const { port1: toPage, port2 } = new MessageChannel();
let background: RuntimePort | null = null;
let using = false;
/** The page has asked for something: changes are its business. */
let asked = false;

function connect(): RuntimePort {
  const port = browser.runtime.connect({ name: PORTS.page });
  port.onMessage.addListener((message) => toPage.postMessage(message));
  port.onDisconnect.addListener(() => {
    if (background !== port) return;
    background = null;
    // What was asked and not answered is lost; the page asks again.
    toPage.postMessage({ type: "lost" });
    if (using) send({ type: "using", live: true });
  });
  return port;
}

function send(message: unknown): void {
  try {
    background ??= connect();
    background.postMessage(message);
  } catch {
    // The extension was updated or removed under the page: nobody answers any more.
    background = null;
    toPage.postMessage({ type: "gone" });
  }
}

toPage.onmessage = ({ data }: MessageEvent<unknown>) => {
  if (!isFromPage(data)) return;
  asked = true;
  if (data.type === "using") using = data.live;
  send(data);
};

// The background calls all pages when the camera is switched on or off, also those whose connection has ended.
browser.runtime.onMessage.addListener(() => {
  if (asked) send({ type: "state", id: 0 });
});

window.postMessage(CALL, "*", [port2]);
