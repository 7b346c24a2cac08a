import assert from "node:assert/strict";
import { test } from "node:test";
import { sentence } from "./sentence";

test("what people read begins large and ends", () => {
  for (const [words, want] of [
    ["the server is shutting down", "The server is shutting down."],
    ["there is no face; take another picture", "There is no face; take another picture."],
    ["Connecting…", "Connecting…"],
    ["Is it on?", "Is it on?"],
    ["“Ann” hangs on your wall.", "“Ann” hangs on your wall."],
    ["it says “no.”", "It says “no.”"],
    [" ein Wort ", "Ein Wort."],
    ["", ""],
  ] as const) assert.equal(sentence(words), want);
});
