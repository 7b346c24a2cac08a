/** Keeps one session with the server alive: connects, restarts ICE after a network change, comes back after anything. */
import { parse, shape } from "../common/json";
import { type Fault, isFault } from "../common/problem";
import { sentence } from "../common/sentence";
import type { DatagramChannel, SendResult } from "../wire/channel";
import { Backoff } from "./backoff";
import type { ConnectionEvents, Phase, Wishes } from "./contract";
import { Refusal } from "./control";
import { type Answer, PROTOCOL_VERSION, type Redirect, type ServerError, type ToServer, type Welcome } from "./messages";
import { parseSignal } from "./parse";
import { Peer } from "./peer";
import { Route } from "./route";

/** Milliseconds: until a connection must work; a broken path is watched; an ICE restart may take. */
const CONNECT_LIMIT = 12_000;
const DISCONNECT_PATIENCE = 1200;
const RESTART_LIMIT = 5000;
/** Until a server answers at all, where there are others to try. */
const OPEN_LIMIT = 3000;
/** Where the server has no room, hurrying back does not help. */
const FULL_WAIT = 10_000;
/** How often a name that is taken is asked for again: the last visit of this page may be about to end. */
const NAME_TRIES = 2;

export class Connection implements DatagramChannel {
  phase: Phase = "stopped";
  /** The name that was asked for last; "" for any. */
  asked = "";
  /** By which others find the session: /view/NAME, /whep/NAME; empty before the first. */
  name = "";
  private socket: WebSocket | null = null;
  private peer: Peer | null = null;
  private microphone: MediaStreamTrack | null = null;
  private session = "";
  private secret = "";
  private nameRefused = 0;
  private readonly route: Route;
  private readonly backoff = new Backoff();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * address is that of the websocket; wishes is asked whenever a connection is made, and reconnect brings new ones into force. token
   * is for pages of other origins, which have no cookie there.
   */
  constructor(address: string, private readonly wishes: () => Wishes, private readonly events: ConnectionEvents, token = "") {
    this.route = new Route(address, token);
    addEventListener("online", () => this.networkChanged());
    addEventListener("pagehide", () => this.stop());
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted) this.start();
    });
  }

  start(): void {
    if (this.phase === "stopped") this.connect("Connecting…");
  }

  /** Ends the session at once. */
  stop(): void {
    this.signal({ type: "bye" });
    this.session = this.secret = "";
    this.drop();
    this.setPhase("stopped", "Disconnected.");
  }

  /** Builds the connection anew, keeping the session. */
  reconnect(): void {
    this.drop();
    this.connect("Connecting again…");
  }

  /** Tries again at once instead of waiting. */
  tryNow(): void {
    if (this.phase === "waiting") this.reconnect();
  }

  send(datagram: Uint8Array<ArrayBuffer>): SendResult {
    return this.peer?.send(datagram) ?? "closed";
  }

  request(type: string, fields: object = {}): Promise<Answer> {
    return this.peer?.control.request(type, fields) ??
      Promise.reject(new Refusal("not_connected", "There is no connection to the server yet."));
  }

  stats(): Promise<RTCStatsReport> | null {
    return this.peer?.stats() ?? null;
  }

  /** Sends this microphone's sound from now on, over later connections too; null is silence. */
  setMicrophone(track: MediaStreamTrack | null): void {
    this.microphone = track;
    // One that is closed meanwhile refuses, and the next takes the track when it is made.
    void this.peer?.setMicrophone(track).catch(() => undefined);
  }

  private connect(text: string): void {
    if (typeof RTCPeerConnection === "undefined") {
      this.setPhase("stopped", "This browser has no WebRTC; open the page in a current Chrome, Firefox, Safari or Edge.");
      return;
    }
    this.setPhase("connecting", text);
    const { url, token } = this.route.at;
    const socket = token ? new WebSocket(url, ["gioconda", `bearer.${token}`]) : new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.setTimer(CONNECT_LIMIT, tooLong);
      const { session, secret } = this;
      const { persona, codec, playoutDelay, ...wishes } = this.wishes();
      this.asked = this.nameRefused > NAME_TRIES ? "" : wishes.name;
      this.signal({ type: "hello", version: PROTOCOL_VERSION, session, secret, name: this.asked, persona, codec, playoutDelay, tried: this.route.tried });
    };
    socket.onmessage = ({ data }) => this.receive(String(data));
    let opened = false;
    socket.onclose = () => {
      if (socket !== this.socket) return;
      if (!opened && this.elsewhere()) return;
      this.retry(opened ? "The connection broke; trying again…" : "The server does not answer; trying again…");
      if (!opened) void this.explain();
    };
    const tooLong = (): void => {
      if (opened || !this.elsewhere()) this.retry("The connection takes too long; trying again…");
    };
    this.setTimer(this.route.hasOthers() ? OPEN_LIMIT : CONNECT_LIMIT, tooLong);
  }

  /** Goes on to another server where this one does not answer, if there is one that was not tried. */
  private elsewhere(): boolean {
    if (!this.route.unreached()) return false;
    this.drop();
    this.connect("The server does not answer; trying another one…");
    return true;
  }

  /** Goes where the server sends it: to one with more room, or away from one that stops. */
  private redirected(to: Redirect): void {
    const inside = this.peer !== null;
    if (inside) this.signal({ type: "bye" });
    if (!this.route.sentOn(to, inside)) {
      this.retry("The servers send this page in circles; trying again…");
      return;
    }
    this.drop();
    this.connect(inside ? "Going on at another server…" : "Connecting…");
  }

  /** A websocket hides why it was refused; another request tells a closed door, in the server's own words, from a full house. */
  private async explain(): Promise<void> {
    const answer = await fetch("api/config").catch(() => null);
    if (!answer) return;
    const refusal = parse(await answer.text(), shape<{ error: Fault }>({ error: isFault }))?.error.message;
    const text = answer.ok ? "The server has no room for you right now; this page keeps trying." : refusal;
    if (text && this.phase === "waiting") this.setPhase("waiting", text);
  }

  private receive(text: string): void {
    const message = parseSignal(text);
    switch (message?.type) {
      case "welcome":
        this.open(message);
        break;
      case "answer":
      case "candidate":
        this.peer?.take(message).then(() => {
          // A path that still works stays connected all through an ICE restart: no event tells of its end.
          if (message.type === "answer" && this.peer?.state === "connected") this.peerState("connected");
        }, () => {
          if (message.type === "answer") this.retry("This browser could not use the server’s answer; trying again…");
        });
        break;
      case "redirect":
        this.redirected(message);
        break;
      case "nodes":
        this.route.learn(message.nodes);
        break;
      case "error":
        this.refused(message);
        break;
    }
  }

  private open(welcome: Welcome): void {
    this.route.welcomed(welcome.node);
    this.session = welcome.session;
    this.secret = welcome.secret;
    this.name = welcome.name ?? "";
    this.nameRefused = 0;
    this.peer?.close();
    const peer = new Peer(welcome.iceServers ?? [], {
      signal: (message) => this.signal(message),
      onStream: (stream) => {
        peer.setJitterTarget(this.wishes().playoutDelay ? 0 : null);
        this.events.onStream(stream);
      },
      onOpen: () => {
        if (this.peer === peer) this.live(welcome);
      },
      onState: (state) => {
        if (this.peer === peer) this.peerState(state);
      },
      onEvent: (event) => this.events.onEvent(event),
      onReport: (report) => this.events.onReport(report),
      takeLandmarks: (channel) => this.events.takeLandmarks?.(channel) ?? null,
    });
    this.peer = peer;
    this.setMicrophone(this.microphone);
    peer.offer().catch(() => {
      if (this.peer === peer) this.retry("This browser could not open a connection; trying again…");
    });
  }

  private live(welcome: Welcome): void {
    clearTimeout(this.timer);
    this.backoff.reset();
    this.setPhase("live", "Connected.");
    this.events.onLive(welcome);
  }

  private peerState(state: RTCPeerConnectionState): void {
    if (state === "connected" && this.phase === "mending") {
      clearTimeout(this.timer);
      this.setPhase("live", "Connected again.");
    } else if (state === "disconnected" && this.phase === "live") {
      this.setTimer(DISCONNECT_PATIENCE, () => this.mend());
    } else if (state === "connected" && this.phase === "live") {
      clearTimeout(this.timer);
    } else if (state === "failed") {
      if (this.phase === "live") this.mend();
      else this.retry("No path to the server was found; trying again…");
    }
  }

  /** Restarts ICE over the websocket that still stands; rebuilds everything where that fails. */
  private mend(): void {
    if (!this.peer || this.socket?.readyState !== WebSocket.OPEN) {
      this.retry("The connection broke; trying again…");
      return;
    }
    this.setPhase("mending", "The network changed; reconnecting…");
    this.setTimer(RESTART_LIMIT, () => this.retry("The connection broke; trying again…"));
    this.peer.offer(true).catch(() => this.retry("The connection broke; trying again…"));
  }

  private networkChanged(): void {
    if (this.phase === "live") this.mend();
    else this.tryNow();
  }

  private refused({ code, message, fatal, retry_after: wait }: ServerError): void {
    switch (code) {
      case "session_taken":
        // Another tab lives in it: take a session of our own.
        this.session = this.secret = "";
        this.retry("Another tab holds this connection; opening one for this tab…");
        break;
      case "name_taken":
        this.nameRefused++;
        this.retry("Another window has this portrait’s name; trying again…");
        break;
      case "unknown_persona":
        this.events.onUnknownPersona();
        this.retry("That portrait is gone; going back to the first one…");
        break;
      case "full":
        this.route.reset();
        this.retry(`${sentence(message)} This page keeps trying.`, wait ? 1000 * wait : FULL_WAIT);
        break;
      case "bad_version":
        this.drop();
        this.setPhase("stopped", message);
        break;
      default:
        if (fatal) this.retry(message);
        else this.events.onEvent({ event: "error", code, message });
    }
  }

  private retry(text: string, wait = this.backoff.next()): void {
    this.drop();
    this.setPhase("waiting", text);
    this.setTimer(wait, () => this.connect(text));
  }

  /** Lets go of socket and peer without telling the server: the session outlives them. */
  private drop(): void {
    clearTimeout(this.timer);
    const { socket, peer } = this;
    this.socket = this.peer = null;
    if (peer) this.events.onStreamEnding();
    peer?.close();
    socket?.close();
  }

  private signal(message: ToServer): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private setPhase(phase: Phase, text: string): void {
    this.phase = phase;
    this.events.onPhase(phase, text);
  }

  private setTimer(millis: number, then: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, millis);
  }
}
