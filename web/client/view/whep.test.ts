import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Refused, Viewing } from "./whep";

/** A peer connection that the test speaks for. */
class FakePC {
  static last: FakePC;
  connectionState = "new";
  closed = false;
  bytes = 0;
  servers: unknown[] = [];
  readonly receiver = { jitterBufferTarget: null as number | null, transport: { state: "new", onstatechange: null as (() => void) | null } };
  onicecandidate: ((event: { candidate: { candidate: string } | null }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;

  constructor() {
    FakePC.last = this;
  }

  addTransceiver(): object {
    return { receiver: this.receiver };
  }

  getTransceivers(): object[] {
    return [{ mid: "v" }];
  }

  createOffer(): Promise<object> {
    return Promise.resolve({ sdp: "offer" });
  }

  getConfiguration(): object {
    return {};
  }

  setConfiguration({ iceServers }: { iceServers: unknown[] }): void {
    this.servers = iceServers;
  }

  setLocalDescription(): Promise<void> {
    this.onicecandidate?.({ candidate: { candidate: "candidate:1" } });
    this.onicecandidate?.({ candidate: null });
    return Promise.resolve();
  }

  setRemoteDescription(): Promise<void> {
    return Promise.resolve();
  }

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(new Map([["a", { type: "inbound-rtp", bytesReceived: this.bytes }], ["b", { type: "transport", bytesReceived: 7 }]]));
  }

  close(): void {
    this.closed = true;
  }
}

interface Sent {
  method: string;
  url: string;
  body: string;
  tag: string;
}

/** A viewing in a page whose server answers an offer as told, and what was sent. */
function viewing(t: TestContext, status: number, headers: Record<string, string>): { viewing: Viewing; sent: Sent[]; lost: () => number } {
  const sent: Sent[] = [];
  const before = { fetch: globalThis.fetch };
  Object.assign(globalThis, {
    RTCPeerConnection: FakePC,
    fetch: (url: string, init: RequestInit) => {
      const tag = (init.headers as Record<string, string> | undefined)?.["If-Match"] ?? "";
      sent.push({ method: init.method ?? "", url, body: (init.body as string | undefined) ?? "", tag });
      const told = init.method === "POST" || init.method === "HEAD";
      return Promise.resolve(told ? new Response("answer", { status, headers }) : new Response(null, { status: 204 }));
    },
  });
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  let lost = 0;
  const made = new Viewing("http://here/whep/ann", {
    onStream: () => undefined,
    onLost: () => {
      lost++;
    },
  });
  t.after(() => {
    made.close();
    Object.assign(globalThis, before);
    Reflect.deleteProperty(globalThis, "RTCPeerConnection");
  });
  return { viewing: made, sent, lost: () => lost };
}

const CREATED = { Location: "/whep/ann/secret", ETag: '"t1"', Link: '<stun:a.example>; rel="ice-server"' };

test("it offers, takes the servers, sends its candidates together, and says when it leaves", async (t) => {
  const { viewing: v, sent } = viewing(t, 201, CREATED);
  await v.start();
  assert.equal(FakePC.last.receiver.jitterBufferTarget, 0);
  assert.deepEqual(FakePC.last.servers, [{ urls: "stun:a.example" }]);
  v.close();
  v.close();
  assert.ok(FakePC.last.closed);
  const fragment = "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:v\r\na=candidate:1\r\na=end-of-candidates\r\n";
  assert.deepEqual(sent, [
    { method: "POST", url: "http://here/whep/ann", body: "offer", tag: "" },
    { method: "PATCH", url: "http://here/whep/ann/secret", body: fragment, tag: '"t1"' },
    { method: "DELETE", url: "http://here/whep/ann/secret", body: "", tag: "" },
  ]);
});

test("in doubt it asks, and makes no connection for a no", async (t) => {
  const { viewing: v, sent } = viewing(t, 409, { "Retry-After": "2" });
  const before = FakePC.last;
  await assert.rejects(v.start(true), Refused);
  assert.equal(FakePC.last, before);
  assert.deepEqual(sent.map(({ method }) => method), ["HEAD"]);
});

test("a refusal tells when it is worth another try", async (t) => {
  const { viewing: v } = viewing(t, 409, { "Retry-After": "2" });
  await assert.rejects(v.start(), (error) => error instanceof Refused && error.status === 409 && error.retryAfter === 2000);
});

test("one that is closed while its offer is on its way leaves nobody behind on the server", async (t) => {
  const { viewing: v, sent } = viewing(t, 201, CREATED);
  const started = v.start();
  v.close();
  await started;
  assert.deepEqual(sent.map(({ method }) => method), ["POST", "DELETE"]);
});

test("it is lost, once, when the server closes its end, when nothing comes any more, or never does", async (t) => {
  const looks = async (n: number): Promise<void> => {
    for (let i = 0; i < n; i++) {
      t.mock.timers.tick(1000);
      await new Promise(setImmediate);
    }
  };
  const ended = viewing(t, 201, CREATED);
  await ended.viewing.start();
  const { transport } = FakePC.last.receiver;
  transport.state = "closed";
  transport.onstatechange?.();
  transport.onstatechange?.();
  assert.equal(ended.lost(), 1);
  t.mock.timers.reset();

  const silent = viewing(t, 201, CREATED);
  await silent.viewing.start();
  FakePC.last.connectionState = "connected";
  FakePC.last.onconnectionstatechange?.();
  for (let i = 0; i < 20; i++) {
    FakePC.last.bytes += 100;
    await looks(1);
  }
  assert.equal(silent.lost(), 0, "what flows is kept");
  await looks(4);
  assert.equal(silent.lost(), 0);
  await looks(1);
  assert.equal(silent.lost(), 1);
  t.mock.timers.reset();

  const never = viewing(t, 201, CREATED);
  await never.viewing.start();
  await looks(13);
  assert.equal(never.lost(), 1);
});
