import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Peer, type PeerEvents } from "./peer";

class FakeChannel {
  readyState = "connecting";
  bufferedAmount = 0;
  sent = 0;
  onopen: (() => void) | null = null;

  constructor(readonly label: string, readonly options?: RTCDataChannelInit) {}

  send(): void {
    this.sent++;
  }

  open(): void {
    this.readyState = "open";
    this.onopen?.();
  }
}

/** A peer without network, its channels by name, and how often it told that all are open. */
function peer(t: TestContext, more: Partial<PeerEvents> = {}): { peer: Peer; channels: Map<string, FakeChannel>; opened: () => number } {
  const channels = new Map<string, FakeChannel>();
  class FakeConnection {
    addTransceiver(): object {
      return { receiver: {}, sender: {} };
    }

    createDataChannel(label: string, options?: RTCDataChannelInit): FakeChannel {
      const channel = new FakeChannel(label, options);
      channels.set(label, channel);
      return channel;
    }
  }
  Object.assign(globalThis, { RTCPeerConnection: FakeConnection });
  t.after(() => Reflect.deleteProperty(globalThis, "RTCPeerConnection"));
  let opened = 0;
  const made = new Peer([], {
    signal: () => undefined, onStream: () => undefined, onOpen: () => opened++, onState: () => undefined, onEvent: () => undefined,
    onReport: () => undefined, ...more,
  });
  return { peer: made, channels, opened: () => opened };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a peer works once all its channels are open, and sends through its own", async (t) => {
  const { peer: p, channels, opened } = peer(t);
  assert.equal(p.send(new Uint8Array(1)), "closed");
  channels.get("control")?.open();
  channels.get("report")?.open();
  await settled();
  assert.equal(opened(), 0);
  channels.get("landmarks")?.open();
  await settled();
  assert.equal(opened(), 1);
  assert.equal(p.send(new Uint8Array(1)), "sent");
  assert.equal(channels.get("landmarks")?.sent, 1);
});

test("of samples and reports the newest counts: one that is lost holds up nothing", (t) => {
  const { channels } = peer(t);
  for (const label of ["landmarks", "report"]) assert.deepEqual(channels.get(label)?.options, { ordered: false, maxRetransmits: 0 });
  assert.equal(channels.get("control")?.options, undefined, "an answer that is lost comes again");
});

test("a channel that another thread took is that thread's to open and to send through", async (t) => {
  let open: () => void = () => undefined;
  const took: unknown[] = [];
  const { peer: p, channels, opened } = peer(t, {
    takeLandmarks: (channel) => {
      took.push(channel);
      return new Promise((resolve) => (open = resolve));
    },
  });
  assert.deepEqual(took, [channels.get("landmarks")], "in the task that made it");
  channels.get("control")?.open();
  channels.get("report")?.open();
  await settled();
  assert.equal(opened(), 0);
  open();
  await settled();
  assert.equal(opened(), 1);
  assert.equal(p.send(new Uint8Array(1)), "closed");
  assert.equal(channels.get("landmarks")?.sent, 0);
});
