import assert from "node:assert/strict";
import { test } from "node:test";
import { layerOf } from "./layer";
import type { Welcome } from "./messages";

const cases: [string, object, ReturnType<typeof layerOf>][] = [
  ["a server that knows of no learned layer", {}, null],
  ["an empty name", { generator: "" }, null],
  ["a name of the wrong type", { generator: 7 }, null],
  ["geometry alone, because nobody asked for more", { generator: "mesh", generator_note: "" },
    { name: "mesh", learned: false, note: "This server keeps portraits in simple mode, without the sharper mouth.",
      detail: "Drawn by geometry alone: this server wants it so." }],
  ["geometry alone, for a reason", { generator: "mesh", generator_note: "This persona was made before there was a learned layer." },
    { name: "mesh", learned: false, note: "The portrait is in simple mode here, without the sharper mouth. The latency panel says why.",
      detail: "This persona was made before there was a learned layer." }],
  ["a learned layer", { generator: "gioconda-s", generator_note: "" },
    { name: "gioconda-s", learned: true, note: "The mouth is painted in finer detail.", detail: "Drawn by geometry; gioconda-s repaints the mouth." }],
];

for (const [name, welcome, want] of cases) {
  test(name, () => assert.deepEqual(layerOf(welcome as Welcome), want));
}
