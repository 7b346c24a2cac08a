import assert from "node:assert/strict";
import { test } from "node:test";
import type { ControlEvent } from "./net/messages";
import { newsOf } from "./news";

const cases: [string, ControlEvent, string | null, RegExp | null][] = [
  ["a calibration that was asked for", { event: "calibrated", auto: false }, "message", /neutral/],
  ["a calibration by itself", { event: "calibrated", auto: true }, null, null],
  ["drift", { event: "drift" }, "message", /Calibrate/],
  ["another person", { event: "person" }, "message", /Another face/],
  ["a fault with a reason", { event: "generator_fault", message: "no picture" }, "message", /^no picture$/],
  ["a fault without one", { event: "generator_fault", message: "" }, "message", /geometry stands in/],
  ["an error", { event: "error", code: "internal", message: "no" }, "problem", /^no$/],
  ["no face", { event: "lost" }, "status", /idles/],
  ["a face", { event: "found" }, "status", /^Connected/],
  ["another portrait, which the page shows", { event: "persona", persona: "x" }, null, null],
];

for (const [name, event, kind, text] of cases) {
  test(name, () => {
    const news = newsOf(event, true);
    assert.equal(news?.kind ?? null, kind);
    if (text) assert.match(news?.text ?? "", text);
  });
}

test("a performance brings its own neutral: nobody calibrated", () => {
  assert.equal(newsOf({ event: "calibrated", auto: false }, false), null);
});
