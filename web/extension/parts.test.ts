/** The small parts: addresses, ids, messages, delays, the manifest, the archive. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CameraLatency } from "./driver/latency";
import { deviceIds, serverAddress } from "./kept";
import { manifest } from "./manifest.mjs";
import { isFromPage, isToPage } from "./messages";
import { VoiceDelay } from "./voicedelay";
import { zip } from "./zip.mjs";

declare const WEB_ROOT: string;

test("addresses of servers as people write them", () => {
  for (const [written, want] of [
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080/"], [" localhost:9000 ", "http://localhost:9000/"], ["https://me.example/x?y#z", "https://me.example/"],
    ["", null], ["http://", null], ["ftp://x", null], ["http://ann:secret@x", null], ["two words", null],
  ] as const) assert.equal(serverAddress(written), want, written);
});

test("a site's ids stay, and tell another site nothing", async () => {
  const [one, again, other, salted] = await Promise.all([
    deviceIds("salt", "https://a.example"), deviceIds("salt", "https://a.example"), deviceIds("salt", "https://b.example"), deviceIds("more", "https://a.example"),
  ]);
  assert.deepEqual(one, again);
  assert.equal(new Set([one, other, salted].flatMap(({ deviceId, groupId }) => [deviceId, groupId])).size, 6);
  assert.match(one.deviceId, /^[0-9a-f]{64}$/);
});

test("what a page says is taken as it should be, or not at all", () => {
  const whep = { type: "whep", id: 1, method: "POST", path: "", body: "v=0", tag: "" };
  for (const good of [{ type: "state", id: 1 }, { type: "open", id: 2 }, whep, { type: "using", live: true }, { type: "asks" }, { type: "trouble", words: "Why." }]) {
    assert.ok(isFromPage(good), JSON.stringify(good));
  }
  for (const bad of [
    null, "state", {}, { type: "state" }, { type: "other", id: 1 }, { ...whep, method: "GET" }, { ...whep, body: 1 }, { ...whep, body: "x".repeat(65_537) },
    { ...whep, path: "x".repeat(600) }, { type: "using", live: 1 }, { type: "trouble", words: "x".repeat(600) },
  ]) assert.ok(!isFromPage(bad), JSON.stringify(bad).slice(0, 80));
  const state = { on: true, deviceId: "a", groupId: "b", delay: 60 };
  assert.ok(isToPage({ type: "state", state }) && isToPage({ type: "answer", id: 1, words: "No." }) && isToPage({ type: "answer", id: 1, state }));
  assert.ok(!isToPage({ type: "lost" }) && !isToPage({ type: "state", state: { on: "yes" } }) && !isToPage({ type: "answer", whep: { status: "200" } }));
});

test("the voice follows what is measured, but no wobble", () => {
  const delay = new VoiceDelay();
  assert.equal(delay.millis, 60);
  assert.deepEqual([0, NaN, -5, 63].map((latency) => delay.measured(latency)), [false, false, false, false]);
  assert.deepEqual([delay.measured(120.4), delay.millis], [true, 120]);
  assert.deepEqual([delay.measured(9000), delay.millis], [true, 500]);
});

test("latency is from the camera to where the portrait is shown", () => {
  let now = 1000;
  const latency = new CameraLatency({ known: true, toBrowser: (micros) => micros - 5e6, rtt: 4000 }, () => now);
  assert.equal(latency.millis, 0);
  const frame = { rtp: 0, seq: 0, received: 0, taken: 0, retargeted: 0, generated: 0, encoded: 0, bytes: 0, key: false };
  latency.note({ frames: [
    { ...frame, sample: true, capture: 1e6, sent: 6.04e6 }, { ...frame, sample: false, capture: 1e6, sent: 9e6 }, { ...frame, sample: true, capture: 0, sent: 9e6 },
  ] });
  assert.equal(latency.millis, 40 + 2 + 8);
  now += 60_000;
  assert.equal(latency.millis, 0, "what is old does not count");
});

test("Chromium knows the extension by the id that the server lets in", () => {
  const { key } = manifest("chromium", "1.0") as { key: string };
  const hash = createHash("sha256").update(Buffer.from(key, "base64")).digest("hex").slice(0, 32);
  const id = hash.replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 16)));
  const config = readFileSync(join(WEB_ROOT, "config.go"), "utf8");
  assert.ok(config.includes(`"chrome-extension://${id}"`), id);
});

test("both manifests ask for the same, and for no more than they need", () => {
  const [chromium, firefox] = ["chromium", "firefox"].map((browser) => manifest(browser, "1.0") as {
    permissions: string[]; content_scripts: unknown; host_permissions: string[]; background: object;
  });
  assert.deepEqual(chromium?.content_scripts, firefox?.content_scripts);
  assert.deepEqual(firefox?.permissions, ["storage", "notifications"]);
  assert.deepEqual(chromium?.permissions, ["storage", "notifications", "sidePanel"]);
  assert.deepEqual(chromium.host_permissions, ["http://127.0.0.1/*", "http://localhost/*"]);
});

test("the archive is one that others read, and the same each time", (t) => {
  const files = [{ name: "a.txt", bytes: Buffer.from("hello ".repeat(100)) }, { name: "empty", bytes: Buffer.alloc(0) }];
  const packed = zip(files);
  assert.deepEqual(packed, zip(files));
  if (!existsSync("/usr/bin/unzip")) {
    t.diagnostic("SKIPPED: unzip is not installed");
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "gioconda-zip-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "x.zip"), packed);
  assert.equal(execFileSync("unzip", ["-p", join(folder, "x.zip"), "a.txt"], { encoding: "utf8" }), "hello ".repeat(100));
});
