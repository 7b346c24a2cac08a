/** The command line lets a session of a running server out: into a file of the server, and to go2rtc; a page drives meanwhile. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { freePort, launch, openPage, pause, program, projectRoot, scratch, Server, untilLive } from "./harness";

const go2rtc = process.env["GO2RTC"] ?? join(projectRoot, ".cache/tools/go2rtc");
const folder = scratch();
const recordings = join(folder, "recordings");
const children = new Set<ChildProcess>();
let server: Server;
let browser: Browser;
let page: Page;
let name = "";

before(async () => {
  server = await Server.start(folder, { GIOCONDA_RECORD_DIR: recordings });
  browser = await launch(null);
  ({ page } = await openPage(browser, server.address));
  await untilLive(page);
  name = await page.evaluate(() => globalThis.gioconda.connection.name);
});
after(async () => {
  for (const child of children) child.kill("SIGKILL");
  await browser.close();
  await server.stop();
});

/** A program that runs, and what it has said so far. */
class Running {
  said = "";
  readonly #child: ChildProcess;

  constructor(path: string, args: string[]) {
    this.#child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"] });
    children.add(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on("data", (text) => (this.said += String(text)));
  }

  async untilSaid(words: string): Promise<void> {
    for (let i = 0; i < 300 && !this.said.includes(words); i++) await pause(100);
    assert.ok(this.said.includes(words), `no "${words}", but:\n${this.said}`);
  }

  /** Ends it as Ctrl-C does; gives its exit code. */
  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGINT");
    return ended;
  }
}

function session(...args: string[]): string[] {
  return [...args, "--session", name, "--server", server.address];
}

interface Stream { codec_name: string; codec_type: string; width?: number; nb_read_packets: string }

/** What ffprobe finds, counting packets. */
function probe(source: string, ...args: string[]): { video: Stream | undefined; sound: Stream | undefined } {
  const answer = execFileSync("ffprobe", ["-v", "error", ...args, "-count_packets", "-show_entries",
    "stream=codec_name,codec_type,width,nb_read_packets", "-of", "json", source], { encoding: "utf8", timeout: 60_000, stdio: ["ignore", "pipe", "ignore"] });
  const { streams } = JSON.parse(answer) as { streams: Stream[] };
  return { video: streams.find((s) => s.codec_type === "video"), sound: streams.find((s) => s.codec_type === "audio") };
}

async function exits(): Promise<{ state: string; file?: string; added_ms?: number }[]> {
  const answer = await fetch(`${server.address}api/sessions/${name}/exits`);
  return (await answer.json() as { exits: { state: string; file?: string; added_ms?: number }[] }).exits;
}

test("record --session records twice under one name", async (t) => {
  for (const file of ["talk.mp4", "talk-2.mp4"]) {
    const recorder = new Running(program, session("record", "talk.mp4"));
    await recorder.untilSaid(`live: recording into ${file}`);
    await pause(6000);
    const [exit] = await exits();
    t.diagnostic(JSON.stringify(exit));
    assert.equal(exit?.file, file);
    assert.ok(exit.added_ms !== undefined && exit.added_ms > 0 && exit.added_ms < 1000, "what it adds is told");
    await recorder.stop();
    assert.match(recorder.said, /stopped\s*$/);
    assert.deepEqual(await exits(), [], "the server has stopped it too");
    await pause(1500); // it finishes its file by itself
    const { video, sound } = probe(join(recordings, file));
    t.diagnostic(`${file}: ${JSON.stringify(video)}, ${JSON.stringify(sound)}`);
    assert.deepEqual([video?.codec_name, video?.width, sound?.codec_name], ["h264", 512, "aac"]);
    assert.ok(Number(video?.nb_read_packets) > 90 && Number(sound?.nb_read_packets) > 200, "six seconds of both");
  }
});

test("push --session reaches go2rtc", { skip: existsSync(go2rtc) ? false : `SKIPPED: ${go2rtc} is absent` }, async (t) => {
  const [rtsp, api, media] = [await freePort(), await freePort(), await freePort()];
  const far = new Running(go2rtc, ["-config", JSON.stringify({
    streams: { ann: "" }, rtsp: { listen: `127.0.0.1:${rtsp}` }, api: { listen: `127.0.0.1:${api}` },
    webrtc: { listen: `:${media}`, ice_servers: [] },
  })]);
  await far.untilSaid("[rtsp] listen");
  const pusher = new Running(program, session("push", `whip://127.0.0.1:${api}/api/webrtc?dst=ann`));
  await pusher.untilSaid("live");
  const { video } = probe(`rtsp://127.0.0.1:${rtsp}/ann`, "-rtsp_transport", "tcp", "-read_intervals", "%+5");
  const [exit] = await exits();
  t.diagnostic(`${JSON.stringify(video)}; ${JSON.stringify(exit)}`);
  assert.deepEqual([video?.codec_name, video?.width], ["h264", 512]);
  assert.ok(exit?.added_ms !== undefined && exit.added_ms > 0, "what it adds is told");
  await pusher.stop();
  assert.match(pusher.said, /stopped\s*$/);
  assert.deepEqual(await exits(), []);
});

test("a session that there is not, and one that ends in mid-stream, are said", async () => {
  const none = new Running(program, ["push", "whip://127.0.0.1:9/x", "--session", "nobody", "--server", server.address]);
  await none.untilSaid("There is no session of that name");
  const recorder = new Running(program, session("record", "end.mkv"));
  await recorder.untilSaid("live");
  await page.goto("about:blank");
  await recorder.untilSaid("The session has ended.");
  await pause(1500);
  assert.ok(Number(probe(join(recordings, "end.mkv")).video?.nb_read_packets) > 5, "what there was is kept");
});
