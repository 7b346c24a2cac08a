import assert from "node:assert/strict";
import { test } from "node:test";
import { HEADER_SIZE } from "../wire/codec";
import { LandmarkSender } from "./sender";

test("while it is paused nothing leaves, and afterwards the numbers go on without a hole", () => {
  const numbers: number[] = [];
  let left = 0;
  const sender = new LandmarkSender({
    send: () => {
      left++;
      return "sent";
    },
    onSent: (seq) => numbers.push(seq), onBuffered: () => undefined,
  });
  const datagram = new Uint8Array(HEADER_SIZE);
  sender.send(datagram, 1, true);
  sender.paused = true;
  for (let i = 0; i < 3; i++) sender.send(datagram, 2, true);
  assert.equal(left, 1);
  sender.paused = false;
  sender.send(datagram, 3, false);
  assert.equal(left, 2);
  assert.equal(((numbers[1] ?? 0) - (numbers[0] ?? 0)) >>> 0, 1);
});
