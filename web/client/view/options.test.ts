import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointOf, parseOptions } from "./options";

const plain = { name: "ann", fit: "contain", background: "transparent", mirror: false, alpha: false, aspect: "", sound: false };

test("an address without options", () => {
  assert.deepEqual(parseOptions("http://localhost:8080/view/ann"), plain);
  assert.equal(parseOptions("https://example.org/portraits/view/portrait-k7x2#x").name, "portrait-k7x2");
});

test("every option", () => {
  const address = "http://localhost/view/ann?fit=cover&background=%23A0b1C2&mirror=1&token=x&alpha=1&aspect=16:9&sound=1";
  assert.deepEqual(parseOptions(address), { name: "ann", fit: "cover", background: "#a0b1c2", mirror: true, alpha: true, aspect: "16:9", sound: true });
  assert.equal(parseOptions("http://localhost/view/ann?background=102030").background, "#102030");
});

test("options that make no sense are left out", () => {
  for (const query of ["fit=stretch", "background=red", "background=url(x)", "background=%231234567", "mirror=yes", "fit", "alpha=yes", "aspect=4:3", "sound=on"]) {
    assert.deepEqual(parseOptions(`http://localhost/view/ann?${query}`), plain, query);
  }
});

test("where the picture is asked for", () => {
  const at = (address: string): string => endpointOf(parseOptions(address), address);
  assert.equal(at("http://localhost:8080/view/ann?mirror=1"), "http://localhost:8080/whep/ann");
  assert.equal(at("https://example.org/portraits/view/ann?alpha=1&aspect=16:9"), "https://example.org/portraits/whep/ann?alpha=1&aspect=16%3A9");
});
