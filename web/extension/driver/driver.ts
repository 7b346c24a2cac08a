/** What drives the portrait for all calls: camera, tracker and connection, on a page of the extension's own. */
import { getConfig, getPersonas, type Persona } from "../../client/api";
import { Problem } from "../../client/common/problem";
import { Meter } from "../../client/latency/meter";
import { LandmarkSender } from "../../client/media/sender";
import { Connection } from "../../client/net/connection";
import type { Phase } from "../../client/net/contract";
import type { ControlEvent, Welcome } from "../../client/net/messages";
import { SettingsSync } from "../../client/net/settings";
import { loadPrefs, savePrefs, settingsOf } from "../../client/prefs";
import { Tracking } from "../../client/tracking";
import type { DriverState, ToDriver } from "../messages";
import { CameraLatency } from "./latency";
import { Through } from "./through";

/** Milliseconds: before another try to reach the server, and one of another version; for a calm face, between looks for one. */
const AGAIN = 2000;
const UPDATED = 5000;
/** Milliseconds that another turn of the codec takes, about: on a machine with time to spare. */
const THROUGH = 35;
const CALM_LIMIT = 3000;
const CALM_EVERY = 60;

const OTHER_VERSION = "This extension and Gioconda are of different versions: update both, then load the extension anew. Sites have the real camera.";

export interface DriverEvents {
  /** Something of state() has changed. */
  onChange(): void;
  onStream(stream: MediaStream): void;
}

export interface DriverFiles {
  tracker: string;
  wasm: string;
  webgpuWasm: string;
}

export class Driver {
  readonly prefs = loadPrefs();
  readonly connection: Connection;
  readonly meter: Meter;
  readonly through: Through;
  private readonly tracking: Tracking;
  private readonly settings: SettingsSync;
  private readonly latency: CameraLatency;
  private personas: Persona[] = [];
  private words = "Connecting…";
  private trouble = "";
  private missing = "";
  private panic = false;
  private over = false;
  /** The server speaks another version; it may be updated while this page stays. */
  private refused = false;

  /** server ends with a slash; portrait shows the stream, own the camera. */
  constructor(server: string, token: string, files: DriverFiles, portrait: HTMLVideoElement, private readonly own: HTMLVideoElement, private readonly events: DriverEvents) {
    this.connection = new Connection(new URL("ws", server.replace(/^http/, "ws")).href, () => this.prefs, {
      onPhase: (phase, text) => this.phaseChanged(phase, text),
      onStream: (stream) => events.onStream(stream),
      onStreamEnding: () => undefined, // the element keeps its last picture
      onLive: (welcome) => this.live(welcome),
      onEvent: (event) => this.serverEvent(event),
      onReport: (report) => {
        this.meter.noteReport(report);
        this.latency.note(report);
      },
      onUnknownPersona: () => this.keepPersona(""),
    }, token);
    this.meter = new Meter(portrait, this.connection);
    this.latency = new CameraLatency(this.meter.clock);
    this.settings = new SettingsSync((fields) => this.connection.request("settings", fields), (error) => this.complain(error));
    this.tracking = this.makeTracking(server, files);
    this.through = new Through(() => (this.connection.phase === "live" ? `${server}whep/${encodeURIComponent(this.connection.name)}?aspect=16:9` : ""),
      (address, init) => {
        const headers = new Headers(init.headers);
        if (token) headers.set("Authorization", `Bearer ${token}`);
        return fetch(address, { ...init, headers, credentials: "omit" });
      });
  }

  /** What the rest of the extension may know. */
  state(): DriverState {
    const { connection } = this;
    return {
      name: connection.name, live: connection.phase === "live", words: (this.refused ? "" : this.missing) || this.words, trouble: this.trouble,
      persona: this.prefs.persona, personas: this.personas.map(({ id, name }) => ({ id, name })),
      camera: this.tracking.stream !== null, panic: this.panic, latency: this.latency.millis && this.latency.millis + (this.through.used ? THROUGH : 0), refused: this.refused,
    };
  }

  /** Asks what the server offers, again and again until it answers; then connects and opens the camera. */
  async start(): Promise<void> {
    try {
      const [config, personas] = await Promise.all([getConfig(), getPersonas()]);
      this.personas = personas;
      this.refused = false;
      if (!personas.some(({ id }) => id === this.prefs.persona)) this.keepPersona(config.defaultPersona);
    } catch (error) {
      this.complain(error);
      setTimeout(() => void this.start(), AGAIN);
      return;
    }
    this.connection.start();
    await this.setCamera(true);
  }

  take(message: Exclude<ToDriver, { type: "server" | "over" | "viewer" }>): void {
    switch (message.type) {
      case "panic":
        this.panic = message.on;
        void this.setCamera(!message.on);
        break;
      case "camera":
        void this.setCamera(message.on);
        break;
      case "persona":
        void this.choose(message.id);
        break;
      case "calibrate":
        void this.calibrate();
        break;
    }
  }

  /** Opens the camera or lets go of it: then the portrait idles, which is a still face with a light sway. */
  async setCamera(on: boolean): Promise<void> {
    try {
      if (on) {
        await this.tracking.start(this.prefs.camera, this.own, (stream) => {
          this.own.srcObject = stream;
          void this.own.play().catch(() => undefined);
        });
      } else {
        this.tracking.stop();
        this.own.srcObject = null;
      }
      this.say(on ? "Your face moves the portrait." : "The camera is off; the portrait is still.", "");
    } catch (error) {
      this.complain(error);
    }
  }

  /** Another window drives: this one lets go of everything. */
  end(): void {
    this.over = true;
    this.tracking.stop();
    this.own.srcObject = null;
    this.connection.stop();
    this.say("Another tab of Gioconda drives now; this one may be closed.", "");
  }

  setMirror(on: boolean): void {
    this.prefs.mirror = on;
    savePrefs(this.prefs);
    void this.settings.push({ mirror: on });
  }

  private async choose(persona: string): Promise<void> {
    try {
      await this.connection.request("persona", { persona });
      this.keepPersona(persona);
    } catch (error) {
      this.complain(error);
      // It may have been deleted meanwhile.
      this.personas = await getPersonas().catch(() => this.personas);
      this.events.onChange();
    }
  }

  private async calibrate(): Promise<void> {
    this.say("Look straight ahead with a calm face…", "");
    for (let left = CALM_LIMIT; left > 0 && !this.tracking.isCalm(); left -= CALM_EVERY) {
      await new Promise((resolve) => setTimeout(resolve, CALM_EVERY));
    }
    await this.connection.request("calibrate").catch((error: unknown) => this.complain(error));
  }

  private live({ resumed, persona }: Welcome): void {
    this.meter.reset();
    void this.settings.push(settingsOf(this.prefs));
    if (this.prefs.persona && persona !== this.prefs.persona) void this.choose(this.prefs.persona);
    if (!resumed && this.tracking.stream) void this.calibrate();
    this.events.onChange();
  }

  private phaseChanged(phase: Phase, text: string): void {
    if (phase === "stopped" && !this.over) {
      this.refused = true;
      setTimeout(() => {
        if (!this.over) this.connection.start();
      }, UPDATED);
    } else if (phase === "live" || phase === "waiting") this.refused = false;
    this.say(text, phase === "waiting" ? text : "");
  }

  private serverEvent(event: ControlEvent): void {
    if (event.event === "persona") this.keepPersona(event.persona);
    if (event.event === "calibrated") this.say("Your face moves the portrait.", "");
    if (event.event === "error") this.say(event.message, event.message);
  }

  private keepPersona(id: string): void {
    this.prefs.persona = id;
    savePrefs(this.prefs);
    this.events.onChange();
  }

  private complain(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.refused ||= error instanceof Problem && error.code === "strange_answer";
    this.say(text, error instanceof Problem ? text : "");
  }

  private say(words: string, trouble: string): void {
    // Whatever else goes on, nothing comes of it until that is mended.
    const refused = this.refused && !this.over;
    this.words = refused ? OTHER_VERSION : words;
    this.trouble = refused ? OTHER_VERSION : trouble;
    this.events.onChange();
  }

  private makeTracking(server: string, { tracker, wasm, webgpuWasm }: DriverFiles): Tracking {
    const sender = new LandmarkSender({
      send: (datagram) => this.connection.send(datagram),
      onSent: (seq, capture, fromCamera) => this.meter.noteSent(seq, capture, fromCamera),
      onBuffered: () => this.meter.noteBuffered(),
    });
    return new Tracking(tracker, { models: `${server}models/`, wasm, webgpuWasm }, sender, {
      onReady: (ready) => this.meter.noteReady(ready),
      onProblem: (text) => this.say(text, text),
      onResult: (result) => this.meter.noteTracked(result),
      onFirstFace: () => void this.calibrate(),
      onMissing: (text) => {
        this.missing = text ?? "";
        this.events.onChange();
      },
      onEnded: () => {
        void this.setCamera(false);
        this.say("The camera was switched off; start it again when it is back.", "The camera was switched off: the portrait is still.");
      },
    });
  }
}
