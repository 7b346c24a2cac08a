import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Watcher } from "./watcher";
import { Refused, type ViewingEvents } from "./whep";

/** A viewing that the test speaks for. */
interface FakeView {
  events: ViewingEvents;
  closed: number;
  doubt: boolean;
  reject(why: unknown): void;
}

function watcher(t: TestContext): { made: FakeView[]; idle: () => number; words: string[]; watcher: Watcher; settle: () => Promise<void> } {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const made: FakeView[] = [];
  const words: string[] = [];
  const w = new Watcher((events) => {
    const view: FakeView = { events, closed: 0, doubt: false, reject: () => undefined };
    made.push(view);
    return {
      start: (doubt) => new Promise<void>((_, reject) => {
        view.doubt = doubt ?? false;
        view.reject = reject;
      }),
      close: () => {
        view.closed++;
      },
    };
  }, { onStream: () => undefined, onIdle: (why) => {
    words.push(why);
  } }, () => 0.5);
  t.after(() => w.stop());
  return {
    made, idle: () => words.length, words, watcher: w,
    settle: async () => {
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

const stream = {} as MediaStream;

test("an idle session is asked for as often as the server says, never less often", async (t) => {
  const { made, watcher: w, settle } = watcher(t);
  w.start();
  for (let i = 1; i <= 5; i++) {
    assert.equal(made.length, i);
    assert.equal(made[i - 1]?.doubt, i > 1, "it asks before it offers again");
    made[i - 1]?.reject(new Refused(409, 2000));
    await settle();
    t.mock.timers.tick(1999);
    assert.equal(made.length, i, "too soon");
    t.mock.timers.tick(1);
  }
});

test("other failures are tried again later and later, at least when the server says", async (t) => {
  const { made, watcher: w, settle } = watcher(t);
  w.start();
  const waits: number[] = [];
  for (const why of [new Error("no network"), new Refused(500, null), new Refused(503, 10_000), new Refused(401, null)]) {
    const before = made.length;
    made.at(-1)?.reject(why);
    await settle();
    let waited = 0;
    for (; made.length === before && waited < 30_000; waited += 10) t.mock.timers.tick(10);
    waits.push(waited);
  }
  const [first = 0, second = 0, third = 0, fourth = 0] = waits;
  assert.ok(first >= 240 && first <= 370, `${first}`);
  assert.ok(second >= 480 && second <= 730, `${second}`);
  assert.ok(third >= 10_000 && third <= 10_010, `${third}`);
  assert.ok(fourth >= 1920 && fourth <= 2890, `${fourth}`);
});

test("a picture that ends is taken off the page, once, and comes back soon", (t) => {
  const { made, idle, watcher: w } = watcher(t);
  w.start();
  const [first] = made;
  first?.events.onStream(stream);
  first?.events.onLost();
  first?.events.onLost();
  assert.equal(idle(), 1);
  assert.equal(first?.closed, 1);
  t.mock.timers.tick(400);
  assert.equal(made.length, 2);
  assert.equal(w.attempts, 2);
});

test("one at a time, and none after the end", async (t) => {
  const { made, idle, watcher: w, settle } = watcher(t);
  w.start();
  w.start();
  made[0]?.reject(new Error("late"));
  await settle();
  assert.deepEqual(made.map(({ closed }) => closed), [1, 0]);
  w.stop();
  made[1]?.events.onLost();
  t.mock.timers.tick(60_000);
  assert.equal(made.length, 2);
  assert.equal(idle(), 0);
});

test("a closed door is told in the server's words, an empty house is not", async (t) => {
  const { made, words, watcher: w, settle } = watcher(t);
  w.start();
  const answers: [number, string][] = [[409, ""], [401, "This token is over."], [403, "This token is over."], [500, ""]];
  for (const [i, [status, text]] of answers.entries()) {
    made[i]?.reject(new Refused(status, null, "This token is over."));
    await settle();
    assert.equal(words.at(-1), text, String(status));
    t.mock.timers.tick(20_000);
  }
});
