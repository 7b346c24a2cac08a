/** Entry of the view page: nothing but the picture of a session, for OBS and other places that show web pages. */
import { byId } from "./ui/dom";
import { endpointOf, parseOptions } from "./view/options";
import { canUnpack } from "./view/alpha";
import { playSound, type Shown, showStream } from "./view/player";
import { Watcher } from "./view/watcher";
import { Viewing } from "./view/whep";

const options = parseOptions(location.href);
if (!canUnpack()) options.alpha = false; // without WebGL the portrait comes as it is
const place = byId("picture", HTMLElement);
const words = byId("words", HTMLElement);
const endpoint = endpointOf(options, location.href);
let shown: Shown | null = null;
let heard: { end(): void } | null = null;

const clear = (): void => {
  shown?.end();
  shown = null;
  heard?.end();
  heard = null;
};

const watcher = new Watcher((events) => new Viewing(endpoint, { ...events, onSound: (stream) => (heard = playSound(stream)) }, options.sound), {
  onStream: (stream) => {
    shown?.end();
    shown = showStream(stream, place, options);
    words.textContent = "";
  },
  onIdle: (text) => {
    clear();
    words.textContent = text;
  },
});

document.documentElement.style.background = options.background;
addEventListener("pagehide", () => watcher.stop());
addEventListener("pageshow", () => watcher.start());

/** For tests and for the curious. */
declare global {
  interface Window {
    giocondaView?: { readonly watcher: Watcher; readonly showing: boolean };
  }
}

window.giocondaView = {
  watcher,
  get showing() {
    return shown?.started ?? false;
  },
};
