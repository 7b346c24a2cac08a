/** Entry of the page. */
import { App } from "./app";
import type { Assets } from "./assets";

declare const ASSETS: Assets;

/**
 * For tests and for the curious, in the browser's console: the running app.
 * gioconda.connection.phase, gioconda.meter.snapshot(), gioconda.report(), gioconda.startCamera(), gioconda.setMarker(true).
 */
declare global {
  interface Window {
    gioconda?: App;
  }
}

const app = new App(ASSETS);
window.gioconda = app;
void app.start();
