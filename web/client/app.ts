/** Ties camera, performances, connection and page together; everything else knows only its own part. */
import { getConfig, getPersonas, type ServerConfig } from "./api";
import type { Assets } from "./assets";
import { Collection } from "./collection";
import { Problem } from "./common/problem";
import { Driving } from "./driving";
import { Keeping } from "./keeping";
import { Meter } from "./latency/meter";
import { LearnedLayer } from "./learned";
import { LandmarkSender } from "./media/sender";
import { Connection } from "./net/connection";
import type { Drawing } from "./net/layer";
import type { ControlEvent, Welcome } from "./net/messages";
import { newsOf, standing } from "./news";
import { Pausing } from "./pausing";
import type { Prefs } from "./prefs";
import { reportText } from "./report";
import { Settings } from "./settings";
import { Smoothness } from "./smoothness";
import { Speaking } from "./speaking";
import { Teaching } from "./teaching";
import { AccessPanel } from "./ui/access";
import { byId, setPressed } from "./ui/dom";
import { Drawers } from "./ui/drawers";
import { listenToKeys } from "./ui/keys";
import { LatencyPanel } from "./ui/latency";
import { Notices } from "./ui/notices";
import { Popup } from "./ui/popup";
import { Stage } from "./ui/stage";
import { UsePanel } from "./ui/use";

/** Refusals that hurrying back does not help: only another link does, which may have been opened in another window. */
const DOOR = ["no_token", "bad_token", "not_allowed"];
const REFUSED_WAIT = 10_000;
/** Milliseconds after the first picture that count as nothing to do where a browser does not say. */
const IDLE_MILLIS = 300;

export class App {
  readonly connection: Connection;
  readonly meter: Meter;
  readonly learned: LearnedLayer;
  readonly driving: Driving;
  private config: ServerConfig | null = null;
  private marker = false;
  private readonly notices = new Notices();
  private readonly stage = new Stage((text) => this.notices.problem(text));
  private readonly settings: Settings;
  private readonly smoothness: Smoothness;
  private readonly speaking: Speaking;
  private readonly keeping: Keeping;
  private readonly pausing = new Pausing((paused) => this.pause(paused));
  private readonly collection: Collection;
  private readonly teaching: Teaching;
  private readonly panel: LatencyPanel;
  private readonly access = new AccessPanel((text) => this.notices.say(text), (error) => this.notices.complain(error));
  private readonly use = new UsePanel(() => this.connection.name, (text) => this.notices.say(text));
  private readonly drawers: Drawers;

  constructor(readonly assets: Assets) {
    this.connection = this.makeConnection();
    this.meter = new Meter(this.stage.video, this.connection);
    this.settings = new Settings(this.connection, this.notices, (key) => this.changed(key));
    this.smoothness = new Smoothness(() => this.settings.prefs.smooth, (rate) => {
      this.meter.noteRate(rate);
      this.driving.changeRate();
    });
    this.driving = this.makeDriving();
    this.speaking = this.makeSpeaking();
    this.keeping = new Keeping(this.stage.video, {
      name: () => this.collection.name, sound: () => this.speaking.sound,
      say: (text) => this.notices.say(text), complain: (error) => this.notices.complain(error),
    });
    this.collection = new Collection(this.connection, this.stage, this.notices, (id) => this.settings.keepPersona(id), {
      takes: (files) => this.teaching.takes(files),
      onMore: (picture) => this.teaching.begin([picture]),
    });
    this.teaching = new Teaching(assets, {
      choose: () => this.collection.chooseFiles(),
      lend: () => this.driving.lend(),
      onDone: (persona, warnings) => void this.collection.welcome(persona, warnings),
    });
    this.panel = new LatencyPanel(byId("latency-body", HTMLElement), this.meter, {
      onPlayoutDelay: (on) => this.settings.set("playoutDelay", on),
      onMarker: (on) => this.setMarker(on),
      report: () => this.report(),
      say: (text) => this.notices.say(text),
    });
    this.drawers = new Drawers((name, open) => {
      if (name === "latency") this.panel.setOpen(open);
      else if (name === "use") this.use.setOpen(open);
      else if (open) {
        this.settings.fillDevices();
        void this.access.open();
      }
    });
    // After the drawers: Escape closes what lies on top.
    this.learned = new LearnedLayer({
      onSwitch: (on) => this.settings.set("learned", on),
      send: (fields) => this.settings.tell(fields),
      say: (text) => this.notices.say(text),
    });
    this.listen();
  }

  /** Loads what the server offers, then connects. */
  async start(): Promise<void> {
    for (const key of ["selfView", "selfPicture", "mirror", "playoutDelay", "learned"] as const) this.show(key);
    try {
      const [config, personas] = await Promise.all([getConfig(), getPersonas()]);
      this.config = config;
      this.driving.showPerformances(config.performances);
      this.collection.show(personas, [this.settings.prefs.persona, config.defaultPersona], config.attestation);
    } catch (error) {
      this.notices.setStatus("waiting", error instanceof Error ? error.message : String(error));
      const refused = error instanceof Problem && DOOR.includes(error.code);
      setTimeout(() => void this.start(), refused ? REFUSED_WAIT : 2000);
      return;
    }
    this.connection.start();
  }

  startCamera(): Promise<void> {
    return this.driving.startCamera();
  }

  /** Everything that was measured, with what it was measured on. */
  report(): string {
    return reportText(this.config?.version ?? "", this.learned.name, this.settings.prefs, this.marker, this.meter.snapshot());
  }

  setMarker(on: boolean): void {
    this.marker = on;
    this.meter.display.markers = on;
    this.panel.setMarker(on);
    this.driving.setMarker(on);
  }

  /** The tracker is larger than all the rest: it waits until there is a picture, and nothing to do. */
  private put(stream: MediaStream): void {
    this.stage.attach(stream);
    this.stage.video.requestVideoFrameCallback(() => {
      const later = window as Partial<Pick<Window, "requestIdleCallback">>; // Safari has none
      if (later.requestIdleCallback) later.requestIdleCallback(() => this.driving.warm());
      else setTimeout(() => this.driving.warm(), IDLE_MILLIS);
    });
  }

  private makeConnection(): Connection {
    return new Connection(new URL("ws", location.href.replace(/^http/, "ws")).href, () => this.settings.prefs, {
      onPhase: (phase, text) => {
        this.notices.setStatus(phase, phase === "live" && this.pausing.paused ? standing(true) : text);
        this.driving.setReachable(phase === "live");
      },
      onStream: (stream) => this.put(stream),
      onStreamEnding: () => {
        this.stage.freeze();
        this.keeping.streamEnds();
      },
      onLive: (welcome) => this.live(welcome),
      onEvent: (event) => this.serverEvent(event),
      onReport: (report) => this.meter.noteReport(report),
      onUnknownPersona: () => this.collection.follow(null),
      takeLandmarks: (channel) => this.driving.carry(channel),
    });
  }

  private makeDriving(): Driving {
    const sender = new LandmarkSender({
      send: (datagram) => this.connection.send(datagram),
      onSent: (seq, capture, fromCamera) => this.meter.noteSent(seq, capture, fromCamera),
      onBuffered: () => this.meter.noteBuffered(),
    });
    return new Driving(this.assets, sender, this.notices, {
      camera: () => this.settings.prefs.camera,
      rate: () => this.smoothness.rate,
      onCamera: () => this.settings.fillDevices(),
      onReady: (ready) => this.meter.noteReady(ready),
      onTracked: (result) => {
        this.meter.noteTracked(result);
        this.teaching.take(result);
      },
      onSent: ({ seq, capture, fromCamera, sent }) => this.meter.noteSent(seq, capture, fromCamera, sent),
      onBuffered: () => this.meter.noteBuffered(),
      calibrate: () => this.request("calibrate"),
      onChange: () => {
        this.tellStillness();
        if (!this.driving.cameraRuns) this.teaching.cameraEnded();
      },
      onHide: () => this.settings.set("selfView", false),
      onPicture: (on) => this.settings.set("selfPicture", on),
    });
  }

  private makeSpeaking(): Speaking {
    return new Speaking({
      microphone: () => this.settings.prefs.microphone,
      send: (track) => this.connection.setMicrophone(track),
      onOpen: () => this.settings.fillDevices(),
      complain: (error) => this.notices.complain(error),
      problem: (text) => this.notices.problem(text),
    });
  }

  private listen(): void {
    const { settings, driving, learned, speaking } = this;
    const mirror = (): void => settings.set("mirror", !settings.prefs.mirror);
    byId("mirror", HTMLButtonElement).onclick = mirror;
    byId("try-now", HTMLButtonElement).onclick = () => this.connection.tryNow();
    const more = new Popup(byId("more", HTMLButtonElement), byId("more-menu", HTMLUListElement));
    byId("more", HTMLButtonElement).onclick = () => more.open(!more.isOpen);
    const help = byId("help", HTMLDialogElement);
    byId("help-use", HTMLButtonElement).onclick = () => {
      help.close();
      if (!this.drawers.isOpen("use")) this.drawers.toggle("use");
    };
    byId("teach-open", HTMLButtonElement).onclick = () => this.teaching.open();
    byId("open-help", HTMLButtonElement).onclick = () => help.showModal();
    const pause = (): void => this.pausing.toggle();
    listenToKeys({
      h: pause, pause, i: () => void this.keeping.snapshot(), r: () => this.keeping.toggleRecording(),
      c: () => driving.toggleCamera(), p: () => driving.pressPerformances(), x: () => driving.calibrate(), m: mirror,
      a: () => speaking.toggle(), g: () => learned.toggle(), v: () => learned.toggleCompare(), f: () => this.stage.toggleFull(), t: () => this.teaching.open(),
      l: () => this.drawers.toggle("latency"), u: () => this.drawers.toggle("use"), s: () => this.drawers.toggle("settings"), "?": () => help.showModal(),
      digit: (digit) => this.collection.pickDigit(digit),
    }, () => settings.prefs.shortcuts);
  }

  private live(welcome: Welcome): void {
    const { persona, name } = this.settings.prefs;
    if (welcome.name && welcome.name !== name) {
      const why = this.connection.asked ? "Your token says so" : `Another window is called ${name}`;
      this.notices.say(`${why}: for now others find this portrait as ${welcome.name}.`);
    }
    this.meter.reset();
    this.drawnBy(welcome);
    this.smoothness.begin(welcome);
    this.settings.tellAll({ ...this.learned.settings, ...this.smoothness.settings, still: this.still }, !welcome.resumed);
    if (welcome.persona !== persona) void this.request("persona", { persona });
    if (!welcome.resumed) this.driving.startOver();
  }

  private drawnBy(drawing: Drawing): void {
    this.learned.begin(drawing);
    this.panel.setDrawing(this.learned.detail);
  }

  private serverEvent(event: ControlEvent): void {
    if (event.event === "persona") this.collection.follow(event.persona);
    if (event.event === "rate") this.smoothness.follow(event);
    if (event.event === "generator") {
      this.drawnBy(event);
      this.settings.tell(this.learned.settings);
    }
    const news = newsOf(event, this.pausing.paused ? "paused" : this.driving.driver);
    if (news?.kind === "message") this.notices.say(news.text);
    if (news?.kind === "problem") this.notices.problem(news.text);
    if (news?.kind === "status") this.notices.setStatus("live", news.text);
  }

  /** Paused, the portrait rests; with no life of its own it rests too while nobody drives. */
  private get still(): boolean {
    return this.pausing.paused || (!this.settings.prefs.idle && !this.driving.active);
  }

  private tellStillness(): void {
    this.settings.tell({ still: this.still });
  }

  private pause(paused: boolean): void {
    this.driving.setPaused(paused);
    if (paused) this.speaking.stop();
    // Whatever it said of a face is over.
    if (this.connection.phase === "live") this.notices.setStatus("live", standing(paused));
    this.tellStillness();
  }

  private changed(key: keyof Prefs): void {
    this.show(key);
    if (key === "idle") this.tellStillness();
    if (key === "learned") this.settings.tell(this.learned.settings);
    if (key === "smooth") this.settings.tell(this.smoothness.settings);
    if (key === "camera") this.driving.changeCamera();
    if (key === "microphone") this.speaking.change();
  }

  /** Shows a preference on the page. */
  private show(key: keyof Prefs): void {
    const { prefs } = this.settings;
    if (key === "mirror") setPressed(byId("mirror", HTMLButtonElement), prefs.mirror);
    if (key === "selfView") this.driving.self.setVisible(prefs.selfView);
    if (key === "selfPicture") this.driving.self.setPicture(prefs.selfPicture);
    if (key === "learned") this.learned.setOn(prefs.learned);
    if (key === "playoutDelay") this.panel.setPlayoutDelay(prefs.playoutDelay);
  }

  private async request(type: string, fields: object = {}): Promise<void> {
    try {
      await this.connection.request(type, fields);
    } catch (error) {
      this.notices.complain(error);
    }
  }
}
