import assert from "node:assert/strict";
import { test } from "node:test";
import { HEADER_SIZE, MAX_WIRE_SIZE } from "../wire/codec";
import type { FromTracker } from "./messages";
import { Outlet } from "./outlet";

test("the page sends until there is a channel; then the worker does, and tells", () => {
  const told: FromTracker[] = [];
  const outlet = new Outlet((message) => told.push(message));
  const datagram = new Uint8Array(HEADER_SIZE);
  assert.ok(!outlet.send(datagram, 5, true));
  const sent: unknown[] = [];
  const channel = { readyState: "connecting", bufferedAmount: 0, onopen: null as (() => void) | null, send: (data: unknown) => sent.push(data) };
  let opened = 0;
  outlet.carry(channel as unknown as RTCDataChannel, () => opened++);
  assert.ok(outlet.send(datagram, 5, true), "nobody else has the channel");
  assert.deepEqual([sent.length, told.length, opened], [0, 0, 0]);
  channel.readyState = "open";
  channel.onopen?.();
  outlet.send(datagram, 6, true);
  channel.bufferedAmount = 3 * MAX_WIRE_SIZE;
  outlet.send(datagram, 7, false);
  assert.equal(opened, 1);
  assert.equal(sent.length, 1);
  assert.deepEqual(told.map(({ type }) => type), ["sent", "buffered"]);
  assert.ok(told[0]?.type === "sent" && told[0].capture === 6 && told[0].fromCamera);
});

test("while it is paused nothing leaves, and the page need not send instead", () => {
  const sent: unknown[] = [];
  const outlet = new Outlet(() => undefined);
  outlet.carry({ readyState: "open", bufferedAmount: 0, send: (data: unknown) => sent.push(data) } as unknown as RTCDataChannel, () => undefined);
  outlet.setPaused(true);
  assert.ok(outlet.send(new Uint8Array(HEADER_SIZE), 5, true));
  assert.equal(sent.length, 0);
  outlet.setPaused(false);
  outlet.send(new Uint8Array(HEADER_SIZE), 6, true);
  assert.equal(sent.length, 1);
});

test("a channel that was replaced opens for nobody", () => {
  const outlet = new Outlet(() => undefined);
  const old = { readyState: "connecting", onopen: null as (() => void) | null };
  outlet.carry(old as unknown as RTCDataChannel, () => assert.fail("the old channel"));
  let opened = 0;
  outlet.carry({ readyState: "open" } as unknown as RTCDataChannel, () => opened++);
  old.onopen?.();
  assert.equal(opened, 1);
});
