import assert from "node:assert/strict";
import { test } from "node:test";
import { type Check, either, isBoolean, isNull, isNumber, isObject, isString, listOf, oneOf, optional, parse, recordOf, shape } from "./json";

interface Thing {
  name: string;
  size?: number;
  kind: "a" | "b";
}

const isThing = shape<Thing>({ name: isString, size: optional(isNumber), kind: oneOf("a", "b") });

const cases: [string, Check<unknown>, unknown[], unknown[]][] = [
  ["texts", isString, ["", "x"], [1, null, {}]],
  ["numbers", isNumber, [0, -1.5], ["1", null, true]],
  ["booleans", isBoolean, [true, false], [0, "true", null]],
  ["null", isNull, [null], [0, "", false, {}]],
  ["objects", isObject, [{}, { a: 1 }], [null, [], "{}", 1]],
  ["lists", listOf(isNumber), [[], [1, 2]], [[1, "2"], { length: 0 }, null]],
  ["records", recordOf(isNumber), [{}, { a: 1 }], [{ a: "1" }, [1], null]],
  ["choices", either(isNumber, isNull), [1, null], ["1", undefined]],
  ["shapes", isThing, [{ name: "x", kind: "a" }, { name: "x", kind: "b", size: 1, more: true }],
    [{ name: "x" }, { name: 1, kind: "a" }, { name: "x", kind: "c" }, { name: "x", kind: "a", size: "1" }, [], null]],
];

for (const [name, check, good, bad] of cases) {
  test(name, () => {
    for (const value of good) assert.ok(check(value), JSON.stringify(value));
    for (const value of bad) assert.ok(!check(value), JSON.stringify(value));
  });
}

test("the compiler counts the fields of a shape", () => {
  // @ts-expect-error kind is forgotten
  const forgetful = shape<Thing>({ name: isString, size: optional(isNumber) });
  // @ts-expect-error name is a text
  const mistaken = shape<Thing>({ name: isNumber, size: optional(isNumber), kind: oneOf("a", "b") });
  assert.deepEqual([forgetful({ name: "x" }), mistaken({ name: "x", kind: "a" })], [true, false]);
});

test("text is what was asked for, or nothing", () => {
  assert.deepEqual(parse('{"name":"x","kind":"a"}', isThing), { name: "x", kind: "a" });
  for (const text of ["", "{", "not json", "null", "[]", '{"name":"x"}', "<html>"]) assert.equal(parse(text, isThing), null);
});
