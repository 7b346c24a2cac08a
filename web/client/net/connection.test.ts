import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Connection } from "./connection";
import type { ConnectionEvents, Phase, Wishes } from "./contract";

/** A websocket that the test speaks for. */
class FakeSocket {
  static readonly OPEN = 1;
  static readonly all: FakeSocket[] = [];
  readyState = 1;
  readonly sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor(readonly address: string, readonly protocols: string[] = []) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = 3;
  }

  says(text: string): void {
    this.onmessage?.({ data: text });
  }
}

interface Said {
  phases: [Phase, string][];
  unknown: number;
}

/** A connection in a page without network, and what it tells. */
function connection(t: TestContext, wishes: Wishes): { connection: Connection; said: Said; socket: () => FakeSocket } {
  FakeSocket.all.length = 0;
  const page = { WebSocket: FakeSocket, RTCPeerConnection: Object, addEventListener: () => undefined };
  Object.assign(globalThis, page);
  t.after(() => {
    for (const name of Object.keys(page)) Reflect.deleteProperty(globalThis, name);
  });
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const said: Said = { phases: [], unknown: 0 };
  const events: ConnectionEvents = {
    onPhase: (phase, text) => said.phases.push([phase, text]), onUnknownPersona: () => said.unknown++,
    onStream: () => undefined, onStreamEnding: () => undefined, onLive: () => undefined, onEvent: () => undefined, onReport: () => undefined,
  };
  const made = new Connection("ws://here/ws", () => wishes, events);
  return { connection: made, said, socket: () => FakeSocket.all.at(-1) ?? assert.fail("no websocket was opened") };
}

test("a message that is no JSON, or none of the protocol's, changes nothing", (t) => {
  const { connection: c, said, socket } = connection(t, { name: "ann", persona: "a", codec: "auto", playoutDelay: true });
  c.start();
  socket().onopen?.();
  for (const text of ["", "not json", "<html>", "null", "[]", '{"type":"welcome"}', '{"type":"answer","sdp":7}', '{"type":"later"}']) {
    socket().says(text);
  }
  assert.deepEqual(said.phases, [["connecting", "Connecting…"]]);
  assert.equal(FakeSocket.all.length, 1);
  socket().says('{"type":"error","code":"full","message":"the server is full","fatal":true}');
  assert.deepEqual(said.phases.at(-1), ["waiting", "The server is full. This page keeps trying."], "it still listens");
});

test("every attempt asks for what is wished then", (t) => {
  const wishes: Wishes = { name: "ann", persona: "a", codec: "auto", playoutDelay: true };
  const { connection: c, said, socket } = connection(t, wishes);
  c.start();
  socket().onopen?.();
  Object.assign(wishes, { persona: "b", codec: "h264", playoutDelay: false });
  c.reconnect();
  socket().onopen?.();
  assert.equal(FakeSocket.all.length, 2);
  const [first, second] = FakeSocket.all.map(({ sent }) => sent[0]);
  assert.deepEqual([first?.["persona"], first?.["codec"], first?.["playoutDelay"]], ["a", "auto", true]);
  assert.deepEqual([second?.["persona"], second?.["codec"], second?.["playoutDelay"]], ["b", "h264", false]);
  socket().says('{"type":"error","code":"unknown_persona","message":"there is no such persona","fatal":true}');
  assert.equal(said.unknown, 1);
  wishes.persona = "c";
  t.mock.timers.tick(20_000);
  socket().onopen?.();
  assert.equal(socket().sent[0]?.["persona"], "c");
});

test("who does not want to wait tries again at once, and only then", (t) => {
  const { connection: c, socket } = connection(t, { name: "", persona: "a", codec: "auto", playoutDelay: true });
  c.start();
  socket().onopen?.();
  c.tryNow();
  assert.equal(FakeSocket.all.length, 1, "it is not waiting");
  socket().says('{"type":"error","code":"full","message":"the server is full","fatal":true}');
  assert.equal(FakeSocket.all.length, 1);
  c.tryNow();
  assert.equal(FakeSocket.all.length, 2);
});

test("a name that is taken is asked for some times, then any will do", (t) => {
  const { connection: c, said, socket } = connection(t, { name: "ann", persona: "a", codec: "auto", playoutDelay: true });
  c.start();
  socket().onopen?.();
  for (let i = 0; i < 3; i++) {
    assert.equal(socket().sent[0]?.["name"], "ann");
    socket().says('{"type":"error","code":"name_taken","message":"another one is called so","fatal":true}');
    assert.equal(said.phases.at(-1)?.[0], "waiting");
    t.mock.timers.tick(10_000);
    socket().onopen?.();
  }
  assert.equal(FakeSocket.all.length, 4);
  assert.equal(socket().sent[0]?.["name"], "");
});

test("a websocket that is refused tells why in the server's words", async (t) => {
  const { connection: c, said, socket } = connection(t, { name: "ann", persona: "a", codec: "auto", playoutDelay: true });
  const answers: [number, string, string][] = [
    [401, '{"error":{"code":"bad_token","message":"This token is over."}}', "This token is over."],
    [200, "{}", "The server has no room for you right now; this page keeps trying."],
    [502, "<html>Bad gateway</html>", "The server does not answer; trying again…"],
  ];
  c.start();
  for (const [status, body, text] of answers) {
    t.mock.method(globalThis, "fetch", () => Promise.resolve(new Response(body, { status })));
    socket().onclose?.();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(said.phases.at(-1), ["waiting", text]);
    t.mock.timers.tick(20_000);
  }
});

const REDIRECT = '{"type":"redirect","from":"a","node":"b","url":"wss://b.example/ws","token":"pass.b"}';
const NODES = '{"type":"nodes","nodes":[{"node":"c","url":"wss://c.example/ws","token":"pass.c"}]}';
const WELCOME = '{"type":"welcome","version":1,"session":"b.x","secret":"s","name":"ann","resumed":false,"persona":"a","size":512,"node":"b"}';

/** A connection without media. */
class FakePeer {
  ontrack = null;
  onconnectionstatechange = null;
  onicecandidate = null;
  connectionState = "new";
  addTransceiver(): object {
    return { sender: { replaceTrack: () => Promise.resolve() }, receiver: {} };
  }
  createDataChannel(): object {
    return { close: () => undefined };
  }
  setLocalDescription(): Promise<void> {
    return Promise.resolve();
  }
  close(): void {
    this.connectionState = "closed";
  }
}

test("it goes where the server sends it, with the name and what to show there, and not in circles", (t) => {
  const { connection: c, said, socket } = connection(t, { name: "ann", persona: "a", codec: "auto", playoutDelay: true });
  c.start();
  socket().onopen?.();
  assert.deepEqual(socket().sent[0]?.["tried"], []);
  socket().says(REDIRECT);
  assert.equal(socket().address, "wss://b.example/ws");
  assert.deepEqual(socket().protocols, ["gioconda", "bearer.pass.b"]);
  socket().onopen?.();
  assert.deepEqual([socket().sent[0]?.["tried"], socket().sent[0]?.["name"]], [["a"], "ann"]);
  socket().says('{"type":"redirect","from":"b","node":"a","url":"wss://a.example/ws"}');
  assert.equal(FakeSocket.all.length, 2, "a was tried");
  assert.equal(said.phases.at(-1)?.[0], "waiting");
  t.mock.timers.tick(20_000);
  assert.equal(socket().address, "ws://here/ws", "it begins anew at its own server");
});

test("where a redirect leads must be a websocket of a server", (t) => {
  const { connection: c, socket } = connection(t, { name: "ann", persona: "a", codec: "auto", playoutDelay: true });
  c.start();
  socket().onopen?.();
  for (const url of ["javascript:alert(1)", "https://b.example/ws", "wss://u:p@b.example/ws", "wss://b.example/other", "wss://b.example/ws?x", "//b/ws", ""]) {
    socket().says(JSON.stringify({ type: "redirect", from: "a", node: "b", url }));
  }
  assert.equal(FakeSocket.all.length, 1);
});

test("when its server is lost it comes back at another one, with its session and name", (t) => {
  const { connection: c, socket } = connection(t, { name: "ann", persona: "a", codec: "auto", playoutDelay: true });
  Object.assign(globalThis, { RTCPeerConnection: FakePeer });
  c.start();
  socket().onopen?.();
  socket().says(REDIRECT);
  socket().onopen?.();
  socket().says(WELCOME);
  socket().says(NODES);
  socket().onclose?.();
  t.mock.timers.tick(1000);
  assert.equal(socket().address, "wss://b.example/ws", "first where its session is");
  socket().onclose?.();
  assert.equal(socket().address, "wss://c.example/ws", "at once, without waiting");
  socket().onopen?.();
  const hello = socket().sent[0];
  assert.deepEqual([hello?.["session"], hello?.["secret"], hello?.["name"], hello?.["tried"]], ["b.x", "s", "ann", ["b"]]);
});

test("a server that answers nobody is left after three seconds for another one", (t) => {
  const { connection: c, socket } = connection(t, { name: "ann", persona: "a", codec: "auto", playoutDelay: true });
  Object.assign(globalThis, { RTCPeerConnection: FakePeer });
  c.start();
  socket().onopen?.();
  socket().says(WELCOME.replaceAll("b", "h"));
  socket().says(NODES);
  socket().onclose?.();
  t.mock.timers.tick(1000);
  assert.equal(socket().address, "ws://here/ws");
  t.mock.timers.tick(3000);
  assert.equal(socket().address, "wss://c.example/ws");
  t.mock.timers.tick(12_000);
  t.mock.timers.tick(1000);
  assert.equal(FakeSocket.all.length, 4, "and round again");
  socket().onclose?.();
  assert.equal(socket().address, "ws://here/ws");
});

test("a server that stops sends it on: it says goodbye there, and is at the other one at once", (t) => {
  const { connection: c, said, socket } = connection(t, { name: "ann", persona: "a", codec: "auto", playoutDelay: true });
  Object.assign(globalThis, { RTCPeerConnection: FakePeer });
  c.start();
  socket().onopen?.();
  socket().says(WELCOME);
  const before = socket();
  socket().says('{"type":"redirect","from":"b","node":"c","url":"wss://c.example/ws"}');
  assert.equal(before.sent.at(-1)?.["type"], "bye");
  assert.equal(socket().address, "wss://c.example/ws");
  assert.deepEqual(said.phases.at(-1), ["connecting", "Going on at another server…"]);
  socket().onopen?.();
  assert.deepEqual(socket().sent[0]?.["tried"], ["b"]);
});

test("a full house says when to come back", (t) => {
  const { connection: c, socket } = connection(t, { name: "ann", persona: "a", codec: "auto", playoutDelay: true });
  c.start();
  socket().onopen?.();
  socket().says('{"type":"error","code":"full","message":"full","fatal":true,"retry_after":3}');
  t.mock.timers.tick(2900);
  assert.equal(FakeSocket.all.length, 1);
  t.mock.timers.tick(200);
  assert.equal(FakeSocket.all.length, 2);
});
