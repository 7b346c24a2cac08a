/** Ties camera, performances, connection and page together; everything else knows only its own part. */
import { getConfig, getPersonas, type ServerConfig } from "./api";
import type { Assets } from "./assets";
import { Collection } from "./collection";
import { Meter } from "./latency/meter";
import { LatencyPanel } from "./ui/latency";
import { reportText } from "./report";
import { LearnedLayer } from "./learned";
import { LandmarkSender } from "./media/sender";
import { Connection, type Wishes } from "./net/connection";
import { layerOf } from "./net/layer";
import type { AnySettings, ControlEvent, Welcome } from "./net/messages";
import { SettingsSync } from "./net/settings";
import { Playing } from "./playing";
import { loadPrefs, type Prefs, savePrefs, settingsOf } from "./prefs";
import { Tracking } from "./tracking";
import { Calibration } from "./ui/calibration";
import { byId, setPressed } from "./ui/dom";
import { Drawers } from "./ui/drawers";
import { listenToKeys } from "./ui/keys";
import { Notices } from "./ui/notices";
import { SelfView } from "./ui/selfview";
import { SettingsForm } from "./ui/settings";
import { Stage } from "./ui/stage";

export class App {
  readonly prefs: Prefs = loadPrefs();
  readonly connection: Connection;
  readonly meter: Meter;
  readonly tracking: Tracking;
  readonly collection: Collection;
  readonly learned: LearnedLayer;
  config: ServerConfig | null = null;
  private marker = false;
  private missing: string | null = null;
  private readonly notices = new Notices();
  private readonly stage = new Stage((text) => this.notices.problem(text));
  private readonly self: SelfView;
  private readonly playing: Playing;
  private readonly sender: LandmarkSender;
  private readonly settings: SettingsForm;
  private readonly sync: SettingsSync;
  private readonly panel: LatencyPanel;
  private readonly drawers: Drawers;
  private readonly calibration: Calibration;
  private readonly cameraButton = byId("camera", HTMLButtonElement);

  constructor(readonly assets: Assets) {
    this.connection = this.makeConnection();
    this.meter = new Meter(this.stage.video, this.connection);
    this.sender = new LandmarkSender({
      send: (datagram) => this.connection.send(datagram),
      onSent: (seq, capture, fromCamera) => this.meter.noteSent(seq, capture, fromCamera),
      onBuffered: () => this.meter.noteBuffered(),
    });
    this.tracking = this.makeTracking();
    this.calibration = new Calibration(this.notices, () => this.tracking.isCalm(), () => this.send("calibrate"));
    this.self = new SelfView({
      onHide: () => this.change("selfView", false),
      onPicture: (on) => this.change("selfPicture", on),
    });
    this.collection = new Collection(this.connection, this.stage, this.notices, (id) => {
      this.prefs.persona = id;
      savePrefs(this.prefs);
    });
    this.playing = new Playing(this.sender, { onStart: () => this.stopCamera(), onProblem: (error) => this.complain(error) });
    this.sync = new SettingsSync((fields) => this.connection.request("settings", fields), (error) => this.complain(error));
    this.settings = new SettingsForm(this.prefs, (key) => this.changed(key), (error) => this.complain(error));
    this.panel = new LatencyPanel(byId("latency-body", HTMLElement), this.meter, {
      onPlayoutDelay: (on) => this.change("playoutDelay", on),
      onMarker: (on) => this.setMarker(on),
      report: () => this.report(),
      say: (text) => this.notices.say(text),
    });
    this.drawers = new Drawers((name, open) => {
      if (name === "latency") this.panel.setOpen(open);
      else if (open) void this.settings.fillCameras();
    });
    // After the drawers: Escape closes what lies on top.
    this.learned = new LearnedLayer({
      onSwitch: (on) => this.change("learned", on),
      send: (fields) => this.tell(fields),
      say: (text) => this.notices.say(text),
    });
    this.wire();
  }

  /** Loads what the server offers, then connects. */
  async start(): Promise<void> {
    for (const key of ["selfView", "selfPicture", "mirror", "playoutDelay", "learned"] as const) this.apply(key);
    try {
      const [config, personas] = await Promise.all([getConfig(), getPersonas()]);
      this.config = config;
      this.playing.show(config.performances);
      this.collection.show(personas, [this.prefs.persona, config.defaultPersona], config.attestation);
    } catch (error) {
      this.notices.setStatus("waiting", error instanceof Error ? error.message : String(error));
      setTimeout(() => void this.start(), 2000);
      return;
    }
    this.connection.start();
  }

  async startCamera(): Promise<void> {
    this.playing.stop();
    this.cameraButton.disabled = true;
    try {
      await this.tracking.start(this.prefs.camera, this.self.video, (stream) => this.self.attach(stream));
      this.cameraButton.textContent = "Stop camera";
      void this.settings.fillCameras();
    } catch (error) {
      this.complain(error);
    }
    this.cameraButton.disabled = false;
  }

  stopCamera(): void {
    this.calibration.cancel();
    this.tracking.stop();
    this.self.attach(null);
    this.cameraButton.textContent = "Start camera";
  }

  /** Everything that was measured, with what it was measured on. */
  report(): string {
    return reportText(this.config?.version ?? "", this.learned.name, this.prefs, this.marker, this.meter.snapshot());
  }

  setMarker(on: boolean): void {
    this.marker = on;
    this.tracking.setMarker(on);
    this.meter.display.markers = on;
    this.panel.setMarker(on);
    if (on && !this.tracking.stream) this.notices.say("The marker is drawn into the camera’s picture: start the camera.");
  }

  private makeConnection(): Connection {
    const { prefs } = this;
    const wishes = (): Wishes => ({ persona: prefs.persona, codec: prefs.codec, playoutDelay: prefs.playoutDelay });
    return new Connection(new URL("ws", location.href.replace(/^http/, "ws")).href, wishes, {
      onPhase: (phase, text) => this.notices.setStatus(phase, text),
      onStream: (stream) => this.stage.attach(stream),
      onStreamEnding: () => this.stage.freeze(),
      onLive: (welcome) => this.live(welcome),
      onEvent: (event) => this.serverEvent(event),
      onReport: (report) => this.meter.noteReport(report),
      onUnknownPersona: () => this.collection.follow(null),
    });
  }

  private makeTracking(): Tracking {
    const { tracker, wasm, webgpuWasm } = this.assets;
    const absolute = (path: string): string => new URL(path, document.baseURI).href;
    return new Tracking(absolute(tracker),
      { models: absolute("models/"), wasm: absolute(wasm), webgpuWasm: absolute(webgpuWasm) }, this.sender, {
        onReady: (ready) => this.meter.noteReady(ready),
        onProblem: (text) => this.notices.problem(text),
        onResult: (result) => {
          this.meter.noteTracked(result);
          this.self.draw(result);
        },
        onFirstFace: () => this.calibration.start(),
        onMissing: (text) => this.showMissing(text),
        onEnded: () => {
          this.stopCamera();
          this.notices.problem("The camera was switched off; start it again when it is back.");
        },
      });
  }

  private wire(): void {
    this.cameraButton.onclick = () => this.toggleCamera();
    byId("calibrate", HTMLButtonElement).onclick = () => this.askCalibration();
    byId("mirror", HTMLButtonElement).onclick = () => this.change("mirror", !this.prefs.mirror);
    const help = byId("help", HTMLDialogElement);
    byId("open-help", HTMLButtonElement).onclick = () => help.showModal();
    listenToKeys({
      c: () => this.toggleCamera(), p: () => this.playing.press(), x: () => this.askCalibration(),
      m: () => this.change("mirror", !this.prefs.mirror), g: () => this.learned.toggle(), v: () => this.learned.toggleCompare(), f: () => this.stage.toggleFull(),
      l: () => this.drawers.toggle("latency"), s: () => this.drawers.toggle("settings"), "?": () => help.showModal(),
      digit: (digit) => this.collection.pickDigit(digit),
    }, () => this.prefs.shortcuts);
  }

  private toggleCamera(): void {
    if (this.tracking.stream) this.stopCamera();
    else void this.startCamera();
  }

  private live(welcome: Welcome): void {
    this.meter.reset();
    this.learned.setLayer(layerOf(welcome));
    this.tell({ ...settingsOf(this.prefs), ...this.learned.settings });
    if (welcome.persona !== this.prefs.persona) void this.send("persona", { persona: this.prefs.persona });
    // A session that began anew knows no neutral.
    if (!welcome.resumed && this.tracking.stream) this.calibration.start();
    if (!welcome.resumed) this.playing.restart();
  }

  private serverEvent(event: ControlEvent): void {
    switch (event.event) {
      case "calibrated":
        if (!event.auto && this.tracking.stream) this.notices.say("Calibrated: this face is your neutral.");
        break;
      case "drift":
        this.notices.say("You sit differently than before; make a calm face and press Calibrate.");
        break;
      case "person":
        this.notices.say("Another face: the portrait gets to know it. Look straight ahead for a moment.");
        break;
      case "error":
        this.notices.problem(event.message);
        break;
      case "persona":
        this.collection.follow(event.persona);
        break;
      case "generator_fault":
        this.notices.say(event.message || "The learned layer gave no usable picture; geometry stands in.");
        break;
      case "lost":
        this.notices.setStatus("live", "No face: the portrait idles.");
        break;
      case "found":
        this.notices.setStatus("live", "Connected.");
        break;
    }
  }

  private showMissing(text: string | null): void {
    if (text === this.missing) return;
    this.missing = text;
    this.calibration.cancel();
    this.notices.note(text);
  }

  private askCalibration(): void {
    if (this.tracking.stream) this.calibration.start();
    else this.notices.say("Start the camera first: calibrating takes your present face as the neutral.");
  }

  /** Sets one preference from outside the settings form. */
  private change<K extends keyof Prefs>(key: K, value: Prefs[K]): void {
    this.prefs[key] = value;
    this.settings.fill();
    this.changed(key);
  }

  private changed(key: keyof Prefs): void {
    savePrefs(this.prefs);
    this.apply(key);
    switch (key) {
      case "mirror": case "strength": case "background":
        this.tell({ [key]: this.prefs[key] });
        break;
      case "learned":
        this.tell(this.learned.settings);
        break;
      case "codec": case "playoutDelay":
        this.connection.reconnect();
        break;
      case "camera":
        if (this.tracking.stream) void this.startCamera();
        break;
    }
  }

  /** Shows a preference on the page. */
  private apply(key: keyof Prefs): void {
    const { prefs } = this;
    if (key === "mirror") setPressed(byId("mirror", HTMLButtonElement), prefs.mirror);
    if (key === "selfView") this.self.setVisible(prefs.selfView);
    if (key === "selfPicture") this.self.setPicture(prefs.selfPicture);
    if (key === "learned") this.learned.setOn(prefs.learned);
    if (key === "playoutDelay") this.panel.setPlayoutDelay(prefs.playoutDelay);
  }

  /** Brings settings to the server; those of now are sent again when the next session begins. */
  private tell(fields: AnySettings): void {
    if (this.connection.phase === "live") void this.sync.push(fields);
  }

  private async send(type: string, fields: object = {}): Promise<void> {
    try {
      await this.connection.request(type, fields);
    } catch (error) {
      this.complain(error);
    }
  }

  private complain(error: unknown): void {
    this.notices.problem(error instanceof Error ? error.message : String(error));
  }
}
