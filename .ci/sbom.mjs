// Writes what the program is made of as CycloneDX 1.5 JSON: the Go modules that are linked into the binary, the packages of the
// lock files that it ships or fetches, and the system"s libraries that it is linked with.
// Usage: node .ci/sbom.mjs BINARY >sbom.json
import {execFileSync} from "node:child_process";
import {createHash} from "node:crypto";
import {readFileSync} from "node:fs";

const binary = process.argv[2];
if (!binary) throw new Error("usage: node .ci/sbom.mjs BINARY");

function run(program, ...args) {
  return execFileSync(program, args, {encoding: "utf8", maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "ignore"]});
}

// goModules reads the build information of the binary: "dep", module, version, checksum, separated by tabs.
function goModules() {
  return run("go", "version", "-m", binary).split("\n").map((line) => line.trim().split("\t"))
    .filter(([kind]) => kind === "dep")
    .map(([, name, version]) => ({type: "library", name, version, purl: `pkg:golang/${name}@${version}`}));
}

// npmPackages reads a lock file, less what only development needs.
function npmPackages(lock, scope) {
  const {packages} = JSON.parse(readFileSync(lock, "utf8"));
  return Object.entries(packages).filter(([path, p]) => path && !p.dev && !p.devOptional).map(([path, p]) => {
    const name = p.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const [, hash] = /^sha512-(.+)$/.exec(p.integrity ?? "") ?? [];
    return {
      type: "library", name, version: p.version, purl: `pkg:npm/${name.replace("@", "%40")}@${p.version}`,
      ...(hash && {hashes: [{alg: "SHA-512", content: Buffer.from(hash, "base64").toString("hex")}]}),
      properties: [{name: "gioconda:use", value: scope}],
    };
  });
}

// ownerOf is Debian"s package of a file.
function ownerOf(path) {
  try {
    return run("dpkg", "-S", path);
  } catch {
    return undefined; // not Debian"s
  }
}

// systemLibraries asks the loader, and Debian whose file each is.
function systemLibraries() {
  const files = [...run("ldd", binary).matchAll(/=> (\/\S+)/g)].map(([, file]) => file);
  const found = new Map();
  for (const file of files) {
    const path = run("readlink", "-f", file).trim();
    // Debian keeps the names of before /lib became a link to /usr/lib.
    const owner = ownerOf(path) ?? ownerOf(path.replace(/^\/usr\/lib\//, "/lib/")) ?? ownerOf(path.replace(/^\/lib\//, "/usr/lib/"));
    if (!owner) continue;
    const name = owner.split(":")[0];
    const version = run("dpkg-query", "-W", "-f", "${Version}", name);
    found.set(name, {type: "library", name, version, purl: `pkg:deb/debian/${name}@${version}`});
  }
  return [...found.values()];
}

const version = run(binary, "--version").trim().split(" ").at(-1);
const components = [
  ...goModules(),
  ...npmPackages("web/package-lock.json", "in the page"),
  ...npmPackages("models/package-lock.json", "fetched at set-up"),
  ...systemLibraries(),
].sort((a, b) => a.purl.localeCompare(b.purl));
if (components.length < 20) throw new Error(`only ${components.length} components were found`);
console.log(JSON.stringify({
  bomFormat: "CycloneDX", specVersion: "1.5", version: 1,
  metadata: {component: {
    type: "application", name: "gioconda", version, licenses: [{license: {id: "Apache-2.0"}}],
    hashes: [{alg: "SHA-256", content: createHash("sha256").update(readFileSync(binary)).digest("hex")}],
  }},
  components,
}, null, 1));
