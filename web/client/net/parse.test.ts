import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../testing/paths";
import { parseAnswer, parseEvent, parseReport, parseSignal } from "./parse";

const NONSENSE = ["", "not json", "null", "[]", "7", "{}", '{"type":"welcome"}', '{"event":"persona"}', '{"id":"7"}', '{"frames":{}}'];

const signals = [
  { type: "welcome", version: 1, session: "s", secret: "x", resumed: false, persona: "mona-lisa", size: 512, iceServers: null },
  {
    type: "welcome", version: 1, session: "s", secret: "x", resumed: true, persona: "mona-lisa", size: 512, generator: "mesh",
    generator_note: "", rates: [30, 60], rate: 30, rate_note: "", iceServers: [{ urls: ["stun:example"] }, { urls: "turn:example", username: "u", credential: "c" }],
  },
  { type: "answer", sdp: "v=0" },
  { type: "candidate", candidate: null },
  { type: "candidate", candidate: { candidate: "candidate:1", sdpMid: "0", sdpMLineIndex: 0, usernameFragment: null } },
  { type: "error", code: "full", message: "the server is full", fatal: true },
  { type: "error", code: "bad_sdp", message: "no" },
];

const events = [
  { event: "lost" }, { event: "found" }, { event: "calibrated", auto: true }, { event: "drift" }, { event: "drift", degrees: 6.1 },
  { event: "person" }, { event: "persona", persona: "x" }, { event: "generator_fault", message: "no picture" },
  { event: "generator", generator: "gioconda-s", generator_note: "" },
  { event: "rate", rate: 30, rate_note: "There is no room." },
  { event: "error", code: "internal", message: "no" },
];

const frame = {
  rtp: 1, seq: 1, sample: true, capture: 1, received: 1, taken: 1, retargeted: 1, drawn: 0, generated: 1, encoded: 1, sent: 1, bytes: 1,
  key: false,
};
const report = { frames: [frame], drops: { malformed: 0, stale: 1 }, bitrate: 1_500_000, fps: 30, av: -1200 };

test("what the server says is understood", () => {
  for (const signal of signals) assert.deepEqual(parseSignal(JSON.stringify(signal)), signal);
  for (const event of events) assert.deepEqual(parseEvent(JSON.stringify(event)), event);
  for (const answer of [{ id: 7, ok: true, server: 5 }, { id: 7, error: { code: "full", message: "no" } }]) {
    assert.deepEqual(parseAnswer(JSON.stringify(answer)), answer);
  }
  assert.deepEqual(parseReport(JSON.stringify(report)), report);
});

test("the examples of the protocol's specification are understood", () => {
  const text = readFileSync(join(projectRoot, "rtc/signalling/PROTOCOL.md"), "utf8").replaceAll("…", "x");
  const examples = [...text.matchAll(/^\| server \| `(\{.*?\})`/gm), ...text.matchAll(/^\| both \| `(\{.*?\})`/gm)].map(([, json]) => json ?? "");
  assert.ok(examples.length >= 4, "the specification was not read");
  for (const example of examples) assert.ok(parseSignal(example), example);
  const told = [...text.matchAll(/`(\{"event":.*?\})`/g)].map(([, json]) => json ?? "").filter((json) => !json.includes("anchored"));
  assert.ok(told.length >= 8, "the specification was not read");
  for (const example of told) assert.ok(parseEvent(example), example);
  const [reported = ""] = /\{"frames":[^`]*/.exec(text) ?? [];
  assert.ok(parseReport(reported), reported);
});

test("nonsense is nothing", () => {
  for (const text of NONSENSE) {
    for (const read of [parseSignal, parseEvent, parseAnswer, parseReport]) assert.equal(read(text), null, `${read.name} of ${text}`);
  }
});

test("a field of another kind makes a message nothing", () => {
  const spoilt = (message: object): string[] => Object.keys(message).map((key) => JSON.stringify({ ...message, [key]: ["0"] }));
  for (const signal of signals) for (const text of spoilt(signal)) assert.equal(parseSignal(text), null, text);
  for (const event of events) for (const text of spoilt(event)) assert.equal(parseEvent(text), null, text);
  for (const text of spoilt(report)) assert.equal(parseReport(text), null, text);
  for (const text of spoilt(frame)) assert.equal(parseReport(JSON.stringify({ ...report, frames: [JSON.parse(text)] })), null, text);
});

test("what a later version adds is passed over", () => {
  assert.equal(parseSignal('{"type":"news","text":"x"}'), null);
  assert.equal(parseEvent('{"event":"news"}'), null);
  assert.ok(parseEvent('{"event":"lost","since":7}'));
});
