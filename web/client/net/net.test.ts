import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "./backoff";
import { Control, Refusal } from "./control";
import type { ControlEvent } from "./messages";
import { SettingsSync } from "./settings";

test("waiting times double up to the limit, spread by a fifth", () => {
  const low = new Backoff(100, 1000, () => 0);
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => Math.round(low.next())), [80, 160, 320, 640, 800, 800]);
  low.reset();
  assert.equal(Math.round(low.next()), 80);
  assert.equal(Math.round(new Backoff(100, 1000, () => 1).next()), 120);
});

function control(): { control: Control; sent: { id: number; type: string }[]; events: ControlEvent[]; channel: { readyState: string } } {
  const sent: { id: number; type: string }[] = [];
  const events: ControlEvent[] = [];
  const channel = { readyState: "open", send: (text: string) => void sent.push(JSON.parse(text) as { id: number; type: string }), close: () => undefined };
  return { control: new Control(channel, (event) => events.push(event)), sent, events, channel };
}

test("answers find their requests, in any order", async () => {
  const { control: c, sent } = control();
  const first = c.request("ping", { t: 1 });
  const second = c.request("persona", { persona: "x" });
  c.receive(JSON.stringify({ id: sent[1]!.id, error: { code: "unknown_persona", message: "There is no such portrait." } }));
  c.receive(JSON.stringify({ id: sent[0]!.id, ok: true, server: 5 }));
  assert.equal((await first)["server"], 5);
  await assert.rejects(second, (error: unknown) => error instanceof Refusal && error.code === "unknown_persona");
});

test("events, nonsense and strangers' answers", () => {
  const { control: c, events } = control();
  c.receive('{"event":"lost"}');
  c.receive("not json");
  c.receive("null");
  c.receive('{"id":99,"ok":true}');
  assert.deepEqual(events, [{ event: "lost" }]);
});

test("a closed channel fails what waits and what comes", async () => {
  const { control: c, channel } = control();
  const waiting = c.request("ping");
  c.close();
  await assert.rejects(waiting, Refusal);
  channel.readyState = "closed";
  await assert.rejects(c.request("ping"), Refusal);
});

test("a fast slider sends one request at a time and always the newest values", async () => {
  const seen: unknown[] = [];
  const release: (() => void)[] = [];
  const sync = new SettingsSync((fields) => {
    seen.push(fields);
    return new Promise<void>((resolve) => release.push(resolve));
  }, () => assert.fail());
  const strength = (mouth: number) => ({ strength: { head: 1, mouth, eyes: 1, brows: 1 } });
  const done = sync.push(strength(1));
  for (let i = 2; i < 50; i++) void sync.push(strength(i));
  void sync.push({ mirror: true });
  assert.equal(seen.length, 1);
  release[0]!();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(seen[1], { ...strength(49), mirror: true });
  release[1]!();
  await done;
  assert.equal(seen.length, 2);
});
