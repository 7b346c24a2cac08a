/** The portrait goes on where nobody sees the page: behind a tab, minimised, covered by another window. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { Desktop } from "./desktop";
import { cameraOf, filmOf, pause, scratch, Server } from "./harness";
import { filmAsCamera, TRACKS_TRAVEL, WITHOUT_STREAMS } from "./standins";
import { Chromium, Firefox, type Hiding, type Windowed } from "./windowed";

const HIDINGS: Hiding[] = ["behind a tab", "minimised", "covered"];
/** Milliseconds: until a browser has noticed that it is hidden, and until it is counted. */
const SETTLE = 1500, COUNTED = 3000;
/** GIOCONDA_HIDDEN=all tries each browser in each way, for four minutes instead of one. */
const all = process.env["GIOCONDA_HIDDEN"] === "all";
const notNow = !all && "GIOCONDA_HIDDEN=all tries it";
/** Results or samples a second that have to be left; where a busy machine gives a page that is seen fewer, this share of them. */
const ENOUGH = 15, SHARE = 0.5;

interface Counts {
  results: number;
  lost: number;
  sent: number;
  /** Of those, sent by the worker through the channel that it was given. */
  byWorker: number;
  at: number;
  visibility: string;
}

const COUNT = `(() => {
  const { meter } = gioconda;
  globalThis.counts = { results: 0, lost: 0, sent: 0, byWorker: 0 };
  const { noteTracked, noteSent } = meter;
  meter.noteTracked = (result) => {
    counts.results++;
    if (result.lost) counts.lost++;
    noteTracked.call(meter, result);
  };
  meter.noteSent = (...note) => {
    counts.sent++;
    if (note[3] !== undefined) counts.byWorker++;
    noteSent.apply(meter, note);
  };
})()`;
const READ = "({ ...counts, at: performance.now(), visibility: document.visibilityState })";
const START_CAMERA = "gioconda.startCamera()";
const PLAY = `(() => {
  document.querySelector("#perform").click();
  document.querySelector("#performances button").click();
})()`;

const folder = scratch();
const absent = Desktop.lacks();
const noDesktop = absent.length > 0 && `no windows without ${absent.join(" and ")}`;
const noFirefox = noDesktop || (spawnSync("which", ["firefox-esr"]).status !== 0 && "firefox-esr is not installed");
let server: Server;
let desktop: Desktop | null = null;
let camera = "";

before(async () => {
  if (noDesktop) return;
  server = await Server.start(folder);
  desktop = await Desktop.start(folder);
  camera = cameraOf(folder, "talk-expressive", 9, 2);
});

after(async () => {
  desktop?.close();
  await server?.stop();
});

async function until(browser: Windowed, expression: string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (await browser.evaluate(expression)) return;
    await pause(200);
  }
  throw new Error(`this never came true: ${expression}`);
}

/** What a second brings now, and how the page says that it is seen. */
async function rates(browser: Windowed): Promise<Counts> {
  const begin = await browser.evaluate(READ) as Counts;
  await pause(COUNTED);
  const end = await browser.evaluate(READ) as Counts;
  const a = (key: "results" | "lost" | "sent" | "byWorker"): number => (1000 * (end[key] - begin[key])) / (end.at - begin.at);
  return { ...end, results: a("results"), lost: a("lost"), sent: a("sent"), byWorker: a("byWorker") };
}

function report(t: TestContext, state: string, { results, lost, sent, byWorker, visibility }: Counts): void {
  t.diagnostic(`${state} (the page says ${visibility}): ${results.toFixed(1)} results/s, ${lost.toFixed(1)} without a face, ` +
    `${sent.toFixed(1)} sent, ${byWorker.toFixed(1)} by the worker`);
}

interface Case {
  /** Script ahead of the page's own, and expression before it is started. */
  before?: string;
  prepare?: string;
  start: string;
  /** What is counted. */
  what: "results" | "sent";
}

/** Hides the page in every way; returns what a second brought, the page that is seen first. */
async function hideInEveryWay(t: TestContext, browser: Windowed, { before: script, prepare, start, what }: Case): Promise<Counts[]> {
  try {
    await browser.open(server.address, script);
    await until(browser, 'globalThis.gioconda?.connection.phase === "live"');
    await browser.evaluate(COUNT);
    if (prepare) await browser.evaluate(prepare);
    await browser.evaluate(start);
    await until(browser, `counts.${what} > 20`);
    let seen = await rates(browser);
    report(t, "seen", seen);
    assert.equal(seen.visibility, "visible");
    const all = [seen];
    for (const how of HIDINGS) {
      await browser.hide(how);
      await pause(SETTLE);
      const hidden = await rates(browser);
      all.push(hidden);
      report(t, how, hidden);
      await browser.show();
      if (hidden[what] >= ENOUGH) continue;
      // A busy machine has its tides: it is asked on both sides.
      const earlier = seen[what];
      await pause(SETTLE);
      seen = await rates(browser);
      report(t, "seen again", seen);
      const floor = Math.min(ENOUGH, SHARE * Math.min(earlier, seen[what]));
      assert.ok(hidden[what] >= floor, `${how}: ${hidden[what].toFixed(1)} ${what}/s, fewer than ${floor.toFixed(1)}`);
    }
    return all;
  } finally {
    await browser.close();
  }
}

function startChromium(name: string): Chromium {
  return Chromium.start(desktop!, join(folder, name), camera);
}

for (const [way, script, skip] of [["frames", "", noDesktop || notNow], ["tracks", TRACKS_TRAVEL, noDesktop || notNow],
  ["the video element", WITHOUT_STREAMS, noDesktop]] as const) {
  test(`Chromium goes on where it hands over ${way}`, { skip }, async (t) => {
    const all = await hideInEveryWay(t, startChromium(way), { before: script, start: START_CAMERA, what: "results" });
    assert.deepEqual(all.slice(1).map(({ visibility }) => visibility), ["hidden", "hidden", "hidden"]);
    for (const { results, lost, sent, byWorker } of all) {
      assert.ok(lost < results / 4, "the camera shows a face");
      assert.equal(byWorker, sent);
    }
  });
}

test("Chromium plays a performance on", { skip: noDesktop }, async (t) => {
  await hideInEveryWay(t, startChromium("performance"), { start: PLAY, what: "sent" });
});

/** What Firefox says of a covered window depends on the system: X11 tells it nothing. */
function hiddenBehindTabAndMinimised(all: Counts[]): void {
  assert.deepEqual(all.slice(1, 3).map(({ visibility }) => visibility), ["hidden", "hidden"]);
}

test("Firefox goes on with its camera's own test picture", { skip: noFirefox || notNow }, async (t) => {
  hiddenBehindTabAndMinimised(await hideInEveryWay(t, await Firefox.start(desktop!, join(folder, "test-picture")),
    { start: START_CAMERA, what: "results" }));
});

test("Firefox tracks a face on", { skip: noFirefox }, async (t) => {
  const film = filmOf(folder, "talk-expressive", 5, 2).toString("base64");
  const all = await hideInEveryWay(t, await Firefox.start(desktop!, join(folder, "face")),
    { prepare: filmAsCamera(film), start: START_CAMERA, what: "results" });
  hiddenBehindTabAndMinimised(all);
  for (const { results, lost } of all) assert.ok(lost < results / 4, "the camera shows a face");
});

test("Firefox plays a performance on", { skip: noFirefox || notNow }, async (t) => {
  hiddenBehindTabAndMinimised(await hideInEveryWay(t, await Firefox.start(desktop!, join(folder, "plays")), { start: PLAY, what: "sent" }));
});
