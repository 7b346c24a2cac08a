import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameClock } from "../common/clock";
import type { SendResult } from "../wire/channel";
import { titleOf } from "../ui/upload";
import { HEADER_SIZE } from "../wire/codec";
import { FLAG_NEUTRAL } from "../wire/sample";
import { parsePerformance, Player } from "./performance";
import { LandmarkSender } from "./sender";

/** A performance of header-only datagrams at these microseconds; the sequence number tells which one it is. */
function performanceOf(times: number[]): ArrayBuffer {
  const bytes = new ArrayBuffer(times.length * (6 + HEADER_SIZE));
  const view = new DataView(bytes);
  times.forEach((at, i) => {
    const offset = i * (6 + HEADER_SIZE);
    view.setUint32(offset, at, true);
    view.setUint16(offset + 4, HEADER_SIZE, true);
    view.setUint16(offset + 6 + 42, i, true);
  });
  return bytes;
}

test("a performance is read record by record, and refused when cut", () => {
  const bytes = performanceOf([0, 33_000, 66_000]);
  assert.deepEqual(parsePerformance(bytes).map(({ at, datagram }) => [at, datagram.length]), [[0, 44], [33_000, 44], [66_000, 44]]);
  for (const length of [0, 3, 49, 60, bytes.byteLength - 1]) {
    assert.throws(() => parsePerformance(bytes.slice(0, length)), /performance/);
  }
  assert.throws(() => parsePerformance(performanceOf([0, 0, 0])), /empty/);
});

test("a performance keeps its timing, loops, and is the neutral only at its start", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 1_000_000;
  const pass = (millis: number): void => {
    for (let i = 0; i < millis; i++) {
      now += 1000;
      t.mock.timers.tick(1);
    }
  };
  const sent: { index: number; flags: number; seq: number; capture: number }[] = [];
  const player = new Player(parsePerformance(performanceOf([0, 20_000, 40_000])), (datagram, capture) => {
    const view = new DataView(datagram.buffer);
    sent.push({ index: view.getUint16(42, true), flags: view.getUint16(2, true), seq: view.getUint32(4, true), capture });
  }, () => now);
  player.start();
  pass(110);
  assert.deepEqual(sent.map(({ index }) => index), [0, 1, 2, 0, 1, 2]);
  assert.equal(sent[0]!.flags, FLAG_NEUTRAL);
  assert.equal(sent[3]!.flags, 0, "the second round is not the neutral");
  assert.deepEqual(sent.map(({ capture }) => capture - 1_000_000), [0, 20_000, 40_000, 60_000, 80_000, 100_000]);
  now += 45_000;
  pass(10);
  assert.deepEqual(sent.slice(6).map(({ index }) => index), [2], "after a pause only the newest is worth sending");
  player.stop();
  pass(60);
  assert.equal(sent.length, 7, "a stopped player is silent");
});

test("the sender numbers what was sent and skips what was not", () => {
  const results: SendResult[] = ["sent", "buffered", "closed", "sent"];
  const seen: number[] = [];
  const noted: number[] = [];
  let buffered = 0;
  const sender = new LandmarkSender({
    send: (datagram) => {
      seen.push(new DataView(datagram.buffer).getUint32(4, true));
      return results.shift()!;
    },
    onSent: (seq) => noted.push(seq),
    onBuffered: () => buffered++,
  });
  for (let i = 0; i < 4; i++) sender.send(new Uint8Array(HEADER_SIZE), 0, true);
  const [first] = seen;
  assert.deepEqual(seen, [first, first! + 1, first! + 1, first! + 1]);
  assert.deepEqual(noted, [first, first! + 1]);
  assert.equal(buffered, 1);
});

test("camera timestamps find their place on our clock", () => {
  const clock = new FrameClock();
  assert.equal(clock.capture(1000, 900_000_000), 900_000_000);
  assert.equal(clock.capture(34_000, 900_040_000), 900_033_000, "seven milliseconds late");
  assert.equal(clock.capture(67_000, 900_065_000), 900_065_000, "faster than ever: the new zero");
  assert.equal(clock.capture(100_000, 900_099_000), 900_098_000);
  assert.equal(clock.capture(5_000_000, 910_000_000), 910_000_000, "another source starts over");
});

test("file names become titles", () => {
  assert.equal(titleOf("old_man-with.hat.jpg"), "Old man with hat");
  assert.equal(titleOf("IMG_2041.HEIC"), "My portrait");
  assert.equal(titleOf("image.png"), "My portrait");
});
