import assert from "node:assert/strict";
import { test } from "node:test";
import type { ControlEvent } from "./net/messages";
import { newsOf, standing } from "./news";

const cases: [string, ControlEvent, string | null, RegExp | null][] = [
  ["a calibration that was asked for", { event: "calibrated", auto: false }, "message", /neutral/],
  ["a calibration by itself", { event: "calibrated", auto: true }, null, null],
  ["drift", { event: "drift" }, "message", /press X/],
  ["another person", { event: "person" }, "message", /Another face/],
  ["a layer", { event: "generator", generator: "gioconda-s", generator_note: "" }, "message", /finer detail/],
  ["a layer that gives way", { event: "generator", generator: "mesh", generator_note: "" }, "message", /without the sharper mouth/],
  ["a rate that is taken back", { event: "rate", rate: 30, rate_note: "There is no room." }, "message", /no room/],
  ["a fault", { event: "generator_fault", message: "gioconda-s: NaN in part 3" }, "message", /plain one stands in/],
  ["an error", { event: "error", code: "internal", message: "no" }, "problem", /^no$/],
  ["no face", { event: "lost" }, "status", /idles/],
  ["a face", { event: "found" }, "status", /^Connected/],
  ["another portrait, which the page shows", { event: "persona", persona: "x" }, null, null],
];

for (const [name, event, kind, text] of cases) {
  test(name, () => {
    const news = newsOf(event, "camera");
    assert.equal(news?.kind ?? null, kind);
    if (text) assert.match(news?.text ?? "", text);
  });
}

test("a performance brings its own neutral: nobody calibrated", () => {
  assert.equal(newsOf({ event: "calibrated", auto: false }, "none"), null);
});

test("after a performance the camera's face is no news, nor is that nobody drives", () => {
  assert.equal(newsOf({ event: "person" }, "new camera"), null);
  assert.equal(newsOf({ event: "person" }, "none"), null);
  assert.equal(newsOf({ event: "lost" }, "none"), null);
});

test("paused, nothing is said of a face that is not looked for", () => {
  assert.equal(newsOf({ event: "lost" }, "paused"), null);
  assert.equal(newsOf({ event: "found" }, "paused")?.text, standing(true));
  assert.match(standing(true), /^Paused/);
});
