/** What every end-to-end test needs: the real server, a clip as the camera, Chromium, and the page. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { App } from "../client/app";

/** Folder of package.json; the test runner fills it in. */
declare const WEB_ROOT: string;

export const projectRoot = join(WEB_ROOT, "..");
export const outFolder = join(WEB_ROOT, "e2e/out");
export const program = process.env["GIOCONDA"] ?? join(projectRoot, "bin/gioconda");
/** Folder of real drivers' clips; GIOCONDA_CLIPS names another, or none where it is empty. */
const clipsFolder = process.env["GIOCONDA_CLIPS"] ?? join(projectRoot, "../shared/clips");

/** The app as the page exposes it, with what tests may look at. */
export type TestApp = App;
declare global {
  var gioconda: TestApp;
}

/** A folder that is gone after the tests. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "gioconda-e2e-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function ffmpeg(...args: string[]): void {
  execFileSync("ffmpeg", ["-v", "error", "-y", ...args]);
}

/** Crops anything to the camera's 640 x 480 at 30 frames a second. */
const AS_CAMERA = "scale=640:480:force_original_aspect_ratio=increase,crop=640:480,fps=30";

/** A driver's clip as a film: a real one, or where those are absent a portrait that sings. */
function driverFilm(folder: string, name: string): string {
  const real = join(clipsFolder, `${name}.mp4`);
  if (clipsFolder && existsSync(real)) return real;
  const rendered = join(folder, "rendered.mp4");
  if (!existsSync(rendered)) {
    console.log(`# ${clipsFolder ? `${real} is absent` : "GIOCONDA_CLIPS is empty"}: the camera shows a portrait that sings`);
    // By geometry alone, so that what is tested paints no part of its own driver. At 1.5, a tracker sees the Mona Lisa's
    // mouth open at least as far as the singer's: her lips are thin and as dark as their shade.
    execFileSync(program, ["render", "--portrait", join(projectRoot, "configs/monalisa.png"), "--driver", "sample:singing",
      "--generator", "mesh", "--strength", "mouth=1.5", "-o", rendered]);
  }
  return rendered;
}

/** A camera that shows some seconds of a clip, again and again. */
export function cameraOf(folder: string, name: string, seconds: number, from = 0): string {
  const out = join(folder, `${name}.mjpeg`);
  ffmpeg("-ss", String(from), "-i", driverFilm(folder, name), "-t", String(seconds), "-vf", AS_CAMERA, "-an", "-q:v", "3", out);
  return out;
}

/** The same at 60 frames a second; of a film without compression the browser reads the rate. */
export function fastCameraOf(folder: string, name: string, seconds: number): string {
  const out = join(folder, `${name}.y4m`);
  ffmpeg("-i", driverFilm(folder, name), "-t", String(seconds), "-vf", `${AS_CAMERA},fps=60`, "-an", "-pix_fmt", "yuv420p", out);
  return out;
}

/** The same as a film for a page's video element. */
export function filmOf(folder: string, name: string, seconds: number, from = 0): Buffer {
  const out = join(folder, `${name}.webm`);
  ffmpeg("-ss", String(from), "-i", driverFilm(folder, name), "-t", String(seconds), "-vf", AS_CAMERA, "-an",
    "-c:v", "libvpx", "-b:v", "1500k", "-deadline", "realtime", "-cpu-used", "8", out);
  return readFileSync(out);
}

/** A camera that shows a face for some seconds, then nothing but grey for as long. */
export function vanishingCamera(folder: string, seconds: number): string {
  const out = join(folder, "vanishing.mjpeg");
  ffmpeg("-i", driverFilm(folder, "talk-gentle"), "-f", "lavfi", "-i", "color=0x808080:s=640x480:r=30", "-filter_complex",
    `[0:v]${AS_CAMERA},trim=0:${seconds},setsar=1[face];[1:v]trim=0:${seconds},setsar=1[grey];[face][grey]concat`,
    "-t", String(2 * seconds), "-an", "-q:v", "3", out);
  return out;
}

/** A picture with a face that is no persona yet, as a file that may be uploaded. */
export function pictureToUpload(folder: string): string {
  const out = join(folder, "old_master.jpg");
  const real = join(projectRoot, "../shared/portraits/pearl-earring.jpg");
  if (existsSync(real)) ffmpeg("-i", real, "-frames:v", "1", out);
  else ffmpeg("-i", join(projectRoot, "configs/monalisa.png"), "-vf", "hflip,hue=h=120", "-frames:v", "1", out);
  return out;
}

/** Pictures of one person, of which the last ones do not help: one of somebody else, a dark one, one out of focus, none of a face. */
export function several(folder: string): string[] {
  const lisa = join(projectRoot, "configs/monalisa.png");
  const made = (name: string, filter: string, from = lisa): string => {
    const out = join(folder, `${name}.jpg`);
    ffmpeg("-i", from, "-vf", filter, "-frames:v", "1", "-q:v", "2", out);
    return out;
  };
  return [
    made("lisa", "scale=iw:ih"), made("lisa nearer", "crop=iw*0.85:ih*0.85"), made("lisa brighter", "eq=gamma=1.2"),
    made("girl", "scale=iw:ih", join(projectRoot, "configs/pearl-earring.jpg")),
    made("dark", "eq=contrast=0.3:brightness=-0.35"), made("blurred", "boxblur=9:3"), made("grey", "drawbox=t=fill:color=gray"),
  ];
}

/** A JPEG of 25 megapixels, more than the server reads, with a face. */
export function hugePicture(folder: string): string {
  const out = join(folder, "huge_picture.jpg");
  ffmpeg("-i", pictureToUpload(folder), "-vf", "scale=5000:5000:flags=bilinear,setsar=1", "-frames:v", "1", "-q:v", "3", out);
  return out;
}

/** The server under test, which can be stopped and started again at the same address. */
export class Server {
  private child: ChildProcess | null = null;
  private log = "";

  private constructor(readonly port: number, private readonly settings: Record<string, string>) {}

  /** settings go over the defaults; room for four, since what a busy machine measures of itself is not tested here. */
  static async start(folder: string, settings: Record<string, string> = {}, port?: number): Promise<Server> {
    const server = new Server(port ?? await freePort(), {
      GIOCONDA_GALLERY_DIR: join(folder, "gallery"), GIOCONDA_PIPELINE_MAX_SESSIONS: "4",
      GIOCONDA_RTC_MAX_SESSIONS_PER_ADDRESS: "0", GIOCONDA_GALLERY_PAINTINGS: "false", ...settings,
    });
    await server.start();
    return server;
  }

  /** The last of what it wrote to its log. */
  get said(): string {
    return this.log.slice(-4000);
  }

  get address(): string {
    return `http://localhost:${this.port}/`;
  }

  async start(): Promise<void> {
    this.child = spawn(program, ["serve", "--listen", `127.0.0.1:${this.port}`], {
      cwd: projectRoot, env: { ...process.env, ...this.settings }, stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on("data", (text) => (this.log += String(text)));
    for (let i = 0; i < 150; i++) {
      if (this.child.exitCode !== null) break;
      const answer = await fetch(`${this.address}healthz`).catch(() => null);
      if (answer?.ok) return;
      await pause(200);
    }
    throw new Error(`the server did not come up:\n${this.log}`);
  }

  /** Ends the server, as Ctrl-C does or otherwise; returns its exit code. */
  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
    const { child } = this;
    if (child?.exitCode !== null) return child?.exitCode ?? null;
    this.child = null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill(signal);
    const killer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    const code = await ended;
    clearTimeout(killer);
    return code;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** Chromium without a graphics card; a camera file, or none for a machine without a camera; another executable and further arguments. */
export function launch(camera: string | null, special: { executablePath?: string; also?: string[] } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: special.executablePath ?? process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [...(special.also ?? []), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
      ...(camera
        ? ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${camera}`]
        : ["--use-fake-device-for-media-stream=device-count=0", "--use-fake-ui-for-media-stream"])],
  });
}

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export interface OpenPage {
  context: BrowserContext;
  page: Page;
  /** What the page complained about. */
  faults: string[];
}

/** onSocket hears the address of each websocket that the page opens. */
export async function openPage(
  browser: Browser, address: string, viewport = DESKTOP, onSocket?: (url: string) => void,
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport, permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  page.setDefaultTimeout(40_000);
  const faults: string[] = [];
  if (onSocket) page.on("websocket", (socket) => onSocket(socket.url()));
  page.on("pageerror", ({ message }) => faults.push(message));
  page.on("console", (message) => {
    // Refused connections are what a restarting server looks like. Chromium drops a frame of its own when a track ends whose stream
    // was handed to a worker; that ours are closed is counted in still.test.ts.
    if (message.type() === "error" && !/WebSocket|Failed to load resource|VideoFrame was garbage collected/.test(message.text())) faults.push(message.text());
  });
  await page.goto(address);
  return { context, page, faults };
}

export async function untilLive(page: Page): Promise<void> {
  await page.waitForFunction(() => globalThis.gioconda?.connection.phase === "live" && document.querySelector("video#live.shown"));
}

/** Waits for a passing message or a note with these words. */
export async function untilSaid(page: Page, words: RegExp): Promise<string> {
  const handle = await page.waitForFunction((source) => {
    const places = [...document.querySelectorAll("#toasts .toast span, #note:not([hidden]), #upload-error:not([hidden]), #status-text")];
    return places.map((place) => place.textContent ?? "").find((text) => new RegExp(source, "i").test(text));
  }, words.source, { polling: 100 });
  return String(await handle.jsonValue());
}

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(outFolder, { recursive: true });
  await page.screenshot({ path: join(outFolder, `${name}.png`) });
}

export function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
