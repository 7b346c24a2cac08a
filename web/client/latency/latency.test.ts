import assert from "node:assert/strict";
import { test } from "node:test";
import { ClockSync } from "../net/clocksync";
import type { ReportFrame } from "../net/messages";
import { Ledger, STAGES } from "./ledger";
import { Series } from "./series";

test("percentiles of the window, by nearest rank", () => {
  const series = new Series(10_000, 64);
  series.add(0, 999);
  for (let i = 1; i <= 20; i++) series.add(5000, i);
  series.add(5000, NaN);
  assert.deepEqual(series.spread(14_000), { n: 20, p50: 10, p95: 19, max: 20 });
  assert.equal(series.spread(99_000), null);
});

test("the ring forgets the oldest, and counts events a second", () => {
  const series = new Series(10_000, 4);
  for (let i = 0; i < 10; i++) series.add(1000 + i, i);
  assert.deepEqual(series.within(1010).sort(), [6, 7, 8, 9]);
  assert.equal(series.rate(1010, 2), 2);
});

test("the ping with the shortest round trip gives the offset", () => {
  const clock = new ClockSync();
  assert.equal(clock.known, false);
  clock.add(1000, 51_500, 2000); // offset 50 000
  clock.add(5000, 60_000, 9000); // slow and lopsided
  assert.equal(clock.rtt, 1000);
  assert.equal(clock.toBrowser(51_500), 1500);
  for (let i = 0; i < 40; i++) clock.add(i, 70_000 + i, i + 3000);
  assert.equal(clock.rtt, 3000, "old pings are forgotten");
});

/** A frame whose server clock is 1 s ahead of the browser's. */
function frame(rtp: number, seq: number, base: number): ReportFrame {
  const at = (micros: number): number => base + 1_000_000 + micros;
  return {
    rtp, seq, sample: true, capture: base, received: at(22_000), taken: at(23_000), retargeted: at(23_500), generated: at(30_000),
    encoded: at(34_000), sent: at(34_500), bytes: 4000, key: false,
  };
}

function synced(): Ledger {
  const clock = new ClockSync();
  clock.add(0, 1_000_500, 1000);
  return new Ledger(clock, (millis) => millis * 1000);
}

test("stages of a displayed frame add up to the whole", () => {
  const ledger = synced();
  ledger.noteSent(5, 1_000_000, 1_020_000, true);
  ledger.noteReport(frame(90, 5, 1_000_000));
  ledger.noteShown({ rtp: 90, received: 1036, decodeMillis: 3, presented: 1042, displayed: 1050 });
  const [trace] = ledger.traces;
  assert.ok(trace);
  const rounded = Object.fromEntries(STAGES.map((stage) => [stage, Math.round(trace.stages[stage] * 10) / 10]));
  assert.deepEqual(rounded, {
    track: 20, uplink: 2, wait: 1, retarget: 0.5, generate: 6.5, encode: 4, packet: 0.5, network: 1.5, buffer: 3, decode: 3, present: 8,
  });
  assert.equal(Math.round(trace.sentToDrawn), 30);
  assert.equal(Math.round(trace.captureToDrawn), 50);
  const sum = STAGES.reduce((total, stage) => total + trace.stages[stage], 0);
  assert.ok(Math.abs(sum - trace.captureToDrawn) < 1e-6);
});

test("the report may come after the frame, and without a time of arrival network and buffer are one", () => {
  const ledger = synced();
  ledger.noteSent(6, 0, 1_020_000, false);
  ledger.noteShown({ rtp: 91, received: NaN, decodeMillis: 3, presented: 1042, displayed: 1050 });
  ledger.noteReport(frame(91, 6, 1_000_000));
  const [trace] = ledger.traces;
  assert.ok(trace);
  assert.equal(Math.round(trace.stages.network * 10) / 10, 4.5);
  assert.ok(Number.isNaN(trace.stages.buffer) && Number.isNaN(trace.stages.track));
  assert.equal(ledger.spreads(1050).buffer, null);
});

test("the learned layer's part of generating, where it painted", () => {
  const ledger = synced();
  ledger.noteSent(5, 1_000_000, 1_020_000, true);
  ledger.noteSent(6, 1_000_000, 1_020_000, true);
  ledger.noteSent(7, 1_000_000, 1_020_000, true);
  const shown = { received: 1036, decodeMillis: 3, presented: 1042, displayed: 1050 };
  const painted = frame(90, 5, 1_000_000);
  for (const [rtp, report] of [
    [90, { ...painted, drawn: painted.generated - 4000 }], [91, { ...frame(91, 6, 1_000_000), drawn: 0 }], [92, frame(92, 7, 1_000_000)],
  ] as const) {
    ledger.noteReport(report);
    ledger.noteShown({ rtp, ...shown });
  }
  assert.deepEqual(ledger.traces.map(({ learned }) => learned), [4, NaN, NaN]);
  assert.deepEqual(ledger.traces.map(({ stages }) => stages.generate), [6.5, 6.5, 6.5], "the whole stays the whole");
  assert.deepEqual(ledger.learned.spread(1050), { n: 1, p50: 4, p95: 4, max: 4 });
  ledger.clear();
  assert.equal(ledger.learned.spread(1050), null);
});

test("frames without a sample, and samples that were forgotten, are left out", () => {
  const ledger = synced();
  const shown = { received: 1036, decodeMillis: 3, presented: 1042, displayed: 1050 };
  ledger.noteReport({ ...frame(1, 5, 0), sample: false });
  ledger.noteShown({ rtp: 1, ...shown });
  ledger.noteReport(frame(2, 7777, 0));
  ledger.noteShown({ rtp: 2, ...shown });
  assert.equal(ledger.traces.length, 0);
});
