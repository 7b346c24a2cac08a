import assert from "node:assert/strict";
import { test } from "node:test";
import { Throttle } from "./throttle";

test("the first value goes at once, the last one always, and no more than the rate between", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sent: number[] = [];
  const throttle = new Throttle<number>(100, (value) => sent.push(value));
  // A drag of a second with an event every 10 ms.
  for (let i = 0; i < 100; i++) {
    throttle.push(i);
    t.mock.timers.tick(10);
  }
  assert.deepEqual(sent, [0, 9, 19, 29, 39, 49, 59, 69, 79, 89, 99]);
  t.mock.timers.tick(1000);
  assert.equal(sent.length, 11, "nothing is sent twice");
  throttle.push(7);
  assert.equal(sent.at(-1), 7, "after a pause the next value goes at once");
  throttle.push(8);
  t.mock.timers.tick(100);
  assert.equal(sent.at(-1), 8);
});

test("what was cancelled is never sent, and the next value goes at once", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sent: number[] = [];
  const throttle = new Throttle<number>(100, (value) => sent.push(value));
  throttle.push(1);
  throttle.push(2);
  throttle.cancel();
  t.mock.timers.tick(500);
  assert.deepEqual(sent, [1]);
  throttle.push(3);
  assert.deepEqual(sent, [1, 3]);
});
