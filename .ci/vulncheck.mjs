// Runs govulncheck over all packages: fails on every vulnerability that our code can reach, save the known ones below.
// Where the database cannot be reached it says so and lets the gate pass: what was not checked is not called clean.
//
// usage: node .ci/vulncheck.mjs GOVULNCHECK
import { spawnSync } from "node:child_process";

/** Known and accepted, each with its reason. One that is no longer found has to go from here. */
const known = new Map([
  ["GO-2026-4479", "pion/dtls v2: random GCM nonces, mended in v3 only, which Pion v3 cannot use; rtc/doc.go says what it means"],
]);

const { stdout, stderr, error } = spawnSync(process.argv[2], ["-json", "./..."], { encoding: "utf8", maxBuffer: 1 << 28 });
if (error) throw error;
if (/fetching vulnerabilities|no such host|dial tcp|timeout/i.test(stderr)) {
  console.log(`NOT CHECKED: the vulnerability database cannot be reached from here (${stderr.trim().split("\n").at(-1)})`);
  process.exit(0);
}
if (stderr.trim()) {
  console.error(stderr);
  process.exit(1);
}
const reached = new Map();
for (const message of objects(stdout)) {
  const { finding } = message;
  if (finding?.trace?.[0]?.function) reached.set(finding.osv, `${finding.trace[0].module}@${finding.trace[0].version}`);
}
let bad = 0;
for (const [id, where] of reached) {
  const why = known.get(id);
  console.log(`${why ? "known" : "NEW"}: ${id} in ${where}${why ? `: ${why}` : ""}`);
  if (!why) bad++;
}
for (const id of known.keys()) {
  if (reached.has(id)) continue;
  console.log(`${id} is not reached any more: take it off the list in .ci/vulncheck.mjs`);
  bad++;
}
process.exit(bad ? 1 : 0);

/** The JSON objects that stand one after the other in a text. */
function* objects(text) {
  let depth = 0, begin = 0, quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === "\\") i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === "{" && depth++ === 0) begin = i;
    else if (c === "}" && --depth === 0) yield JSON.parse(text.slice(begin, i + 1));
  }
}
