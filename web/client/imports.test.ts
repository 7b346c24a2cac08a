/** Which room of the client may import which: a room is a folder, or what stands beside the folders by itself. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { projectRoot } from "./testing/paths";

interface Room {
  /** Rooms and packages that it may import. */
  may: string[];
  /** Rooms of which it may import types, and nothing that runs. */
  types?: string[];
  why: string;
}

/** The architecture. A new folder needs a line here; what is no folder of its own and not named belongs to the app. */
const ROOMS: Record<string, Room> = {
  common: { may: [], why: "every room and every thread may use it" },
  wire: { may: [], why: "the same bytes for the page, its workers and a browser extension" },
  kernels: { may: [], why: "a compiler from a file of a network to WebAssembly, whatever the network is for" },
  tracker: { may: ["common", "kernels", "media", "wire", "onnxruntime-web"], why: "half of it runs in a worker, where there is no page" },
  media: { may: ["common", "wire"], why: "a camera and a performance feed whatever sends" },
  net: { may: ["common", "wire"], why: "a connection works without camera, measurement and page" },
  api: { may: ["common"], why: "what the server offers over HTTP" },
  exits: { may: ["api", "common"], why: "the ways out that the server offers over HTTP" },
  tokens: { may: ["api", "common"], why: "who may come, as the server keeps it" },
  sending: { may: ["api", "common"], why: "what is uploaded, with what the server says meanwhile" },
  film: { may: ["common", "tracker"], why: "which frames of a film say most of a face, whoever shows and sends them" },
  prefs: { may: ["common"], types: ["net"], why: "they are kept in the words of the protocol" },
  latency: { may: ["common", "net", "tracker"], why: "it measures what these do, whether a page shows it or not" },
  ui: {
    may: ["api", "common", "exits", "latency", "media", "sending", "tokens", "wire"], types: ["net", "prefs", "tracker"],
    why: "it shows what others do and tells what people want; it starts nothing itself",
  },
  view: { may: ["common", "net", "ui"], why: "a page of its own, which shows a picture and must stay small" },
  app: {
    may: ["api", "common", "film", "latency", "media", "net", "prefs", "sending", "tracker", "ui", "wire"],
    why: "here the rooms are joined, and nobody imports it",
  },
};

/** What a browser extension and a worker use without the rest. */
const ALONE = /^(common|kernels|tracker|wire)\/|^media\/(performance|sender)\.ts$/;

interface Import {
  /** A file of the client, or the name of a package. */
  target: string;
  onlyTypes: boolean;
}

const client = join(projectRoot, "web/client");

/** Every file with what it imports; tests and what only they use may import anything. */
const graph = new Map(readdirSync(client, { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.startsWith("testing/"))
  .sort().map((name) => [name, importsOf(name)] as const));

function importsOf(name: string): Import[] {
  const source = ts.createSourceFile(name, readFileSync(join(client, name), "utf8"), ts.ScriptTarget.ES2022);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, onlyTypes: boolean): void => {
    if (!specifier || !ts.isStringLiteral(specifier)) return;
    const { text } = specifier;
    const target = text.startsWith(".") ? `${posix.join(dirname(name), text)}.ts` : text.split("/")[0] ?? text;
    found.push({ target, onlyTypes });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Name of the room in which a file lies; a package is its own. */
function roomOf(target: string): string {
  if (!target.endsWith(".ts")) return target;
  const [first = ""] = target.replace(/\.ts$/, "").split("/");
  return target.includes("/") || first in ROOMS ? first : "app";
}

test("each room imports only what it may", (t) => {
  const arrows = new Map<string, Set<string>>();
  for (const [name, imports] of graph) {
    const here = roomOf(name);
    const room = ROOMS[here];
    assert.ok(room, `${name} lies in no room; add ${here} to ROOMS`);
    for (const { target, onlyTypes } of imports) {
      const there = roomOf(target);
      if (there === here) continue;
      const allowed = room.may.includes(there) || (onlyTypes && room.types?.includes(there));
      assert.ok(allowed, `${name} imports ${onlyTypes ? "types of " : ""}${target}; ${here} may not, for ${room.why}`);
      const seen = arrows.get(here) ?? new Set();
      arrows.set(here, seen.add(there));
    }
  }
  for (const [here, { may, types = [] }] of Object.entries(ROOMS)) {
    const unused = [...may, ...types].filter((there) => !arrows.get(here)?.has(there));
    assert.deepEqual(unused, [], `${here} may import more than it does`);
    t.diagnostic(`${here} -> ${[...may, ...types.map((there) => `(${there})`)].join(" ") || "nothing"}`);
  }
});

test("no file imports itself through others, not even types", () => {
  const done = new Set<string>();
  const walk = (name: string, path: string[]): void => {
    assert.ok(!path.includes(name), `a circle: ${[...path.slice(path.indexOf(name)), name].join(" -> ")}`);
    if (done.has(name)) return;
    for (const { target } of graph.get(name) ?? []) walk(target, [...path, name]);
    done.add(name);
  };
  for (const name of graph.keys()) walk(name, []);
});

test("tracker, wire and sender work without the rest of the client", () => {
  const reached = new Set<string>();
  const walk = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const { target } of graph.get(name) ?? []) walk(target);
  };
  for (const name of graph.keys()) if (ALONE.test(name)) walk(name);
  assert.ok(reached.size > 15, "the files were not found");
  assert.deepEqual([...reached].filter((name) => graph.has(name) && !ALONE.test(name)), []);
});
