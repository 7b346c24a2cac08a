/** Entry of the view page: nothing but the picture of a session, for OBS and other places that show web pages. */
import { byId } from "./ui/dom";
import { parseOptions } from "./view/options";
import { type Shown, showStream } from "./view/player";
import { Watcher } from "./view/watcher";
import { Viewing } from "./view/whep";

const options = parseOptions(location.href);
const place = byId("picture", HTMLElement);
const endpoint = new URL(`../whep/${options.name}`, location.href).href;
let shown: Shown | null = null;

const clear = (): void => {
  shown?.end();
  shown = null;
};

const watcher = new Watcher((events) => new Viewing(endpoint, events), {
  onStream: (stream) => {
    clear();
    shown = showStream(stream, place, options);
  },
  onIdle: clear,
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
