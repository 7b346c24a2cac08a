/** go2rtc as the other side: it pulls a session by WHEP, and what it gives by RTSP is read with ffmpeg. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { freePort, launch, openPage, pause, projectRoot, scratch, Server, untilLive } from "./harness";

/** Built by make; GO2RTC names another. */
const go2rtc = process.env["GO2RTC"] ?? join(projectRoot, ".cache/tools/go2rtc");

let other: ChildProcess | null = null;
after(() => other?.kill("SIGKILL"));

test("go2rtc plays a session, and gives it on", { skip: existsSync(go2rtc) ? false : `SKIPPED: ${go2rtc} is absent` }, async (t) => {
  const server = await Server.start(scratch());
  t.after(() => server.stop());
  const browser = await launch(null);
  t.after(() => browser.close());
  const { page } = await openPage(browser, server.address);
  await untilLive(page);
  const name = await page.evaluate(() => globalThis.gioconda.connection.name);
  const [rtsp, api] = [await freePort(), await freePort()];
  other = spawn(go2rtc, ["-config", JSON.stringify({
    streams: { ann: `webrtc:${server.address}whep/${name}` }, rtsp: { listen: `127.0.0.1:${rtsp}` },
    api: { listen: `127.0.0.1:${api}` }, webrtc: { listen: "" }, log: { level: "debug" },
  })], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [other.stdout, other.stderr]) stream?.on("data", (text) => (log += String(text)));
  for (let i = 0; i < 50 && !log.includes("[rtsp] listen"); i++) await pause(100);
  const address = `rtsp://127.0.0.1:${rtsp}/ann`;
  const from = Date.now();
  try {
    const answer = execFileSync("ffprobe", ["-v", "error", "-rtsp_transport", "tcp", "-select_streams", "v:0", "-show_entries",
      "stream=codec_name,width,height,nb_read_frames", "-count_frames", "-read_intervals", "%+5", "-of", "json", address],
    { encoding: "utf8", timeout: 60_000 });
    const { streams } = JSON.parse(answer) as { streams: { codec_name: string; width: number; height: number; nb_read_frames: string }[] };
    const [video] = streams;
    t.diagnostic(`${JSON.stringify(video)} in ${((Date.now() - from) / 1000).toFixed(1)} s`);
    assert.deepEqual([video?.width, video?.height], [512, 512]);
    assert.ok(Number(video?.nb_read_frames) > 50, "frames in five seconds");
  } catch (error) {
    t.diagnostic(log);
    throw error;
  }
});
