/** Transparency: a packed clip, compressed, unpacked by WebGL over other backgrounds, pixel by pixel at the edges of hair. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Unpacked } from "../client/view/alpha";
import { readPNG } from "../client/testing/png";
import { outFolder, pause, projectRoot, scratch } from "./harness";

const EDGE = 256;

/** What the page of the test has. */
declare global {
  var unpackAlpha: (video: HTMLVideoElement, canvas: HTMLCanvasElement) => Unpacked;
  var unpacked: Unpacked;
}

/** Colour (not multiplied) and opacity of a pixel, 0..1: a head of dark hair with soft strands, a bright face, a half transparent plaque. */
function portrait(x: number, y: number): { rgb: [number, number, number]; alpha: number } {
  if (x >= 208 && x < 244 && y >= 220 && y < 240) return { rgb: [0.1, 0.1, 0.1], alpha: 0.4 };
  const [dx, dy] = [x - 128, y - 120];
  const distance = Math.hypot(dx, dy);
  const angle = Math.atan2(dy, dx);
  const reach = 84 + 10 * Math.sin(23 * angle) + 6 * Math.sin(57 * angle + 1);
  const alpha = Math.min(Math.max((reach - distance) / 5, 0), 1);
  return { rgb: distance < 55 ? [0.85, 0.65, 0.55] : [0.22, 0.13, 0.08], alpha };
}

/** The packed picture as I420, limited range, BT.601. */
function packed(): Buffer {
  const luma = Buffer.alloc(2 * EDGE * EDGE);
  const chroma = [Buffer.alloc(EDGE * EDGE / 2, 128), Buffer.alloc(EDGE * EDGE / 2, 128)] as const;
  const sums = [new Float64Array(EDGE * EDGE / 4), new Float64Array(EDGE * EDGE / 4)] as const;
  for (let y = 0; y < EDGE; y++) {
    for (let x = 0; x < EDGE; x++) {
      const { rgb, alpha } = portrait(x, y);
      const [r, g, b] = rgb.map((value) => value * alpha) as [number, number, number];
      luma[y * EDGE + x] = Math.round(16 + 65.481 * r + 128.553 * g + 24.966 * b);
      luma[(EDGE + y) * EDGE + x] = Math.round(16 + 219 * alpha);
      const half = (y >> 1) * (EDGE / 2) + (x >> 1);
      sums[0][half]! += (-37.797 * r - 74.203 * g + 112 * b) / 4;
      sums[1][half]! += (112 * r - 93.786 * g - 18.214 * b) / 4;
    }
  }
  for (const k of [0, 1] as const) sums[k].forEach((sum, i) => (chroma[k][i] = Math.round(128 + sum)));
  return Buffer.concat([luma, ...chroma]);
}

let browser: Browser;
let script: string;
let clip: string;

before(async () => {
  const folder = scratch();
  const raw = join(folder, "packed.yuv");
  writeFileSync(raw, Buffer.concat(Array.from({ length: 30 }, packed)));
  const film = join(folder, "packed.webm");
  execFileSync("ffmpeg", ["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${EDGE}x${2 * EDGE}`, "-r", "30", "-i", raw,
    "-c:v", "libvpx", "-b:v", "1500k", "-deadline", "realtime", "-cpu-used", "8", film]);
  clip = `data:video/webm;base64,${readFileSync(film).toString("base64")}`;
  const { outputFiles } = await build({
    stdin: { contents: `import { unpackAlpha } from "./client/view/alpha"; globalThis.unpackAlpha = unpackAlpha;`, resolveDir: join(projectRoot, "web") },
    bundle: true, write: false, format: "iife",
  });
  script = outputFiles[0]?.text ?? "";
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--autoplay-policy=no-user-gesture-required"],
  });
});

after(async () => {
  await browser?.close();
});

/** A page on which the clip plays, unpacked, over a CSS background. */
async function show(background: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: EDGE, height: EDGE } });
  await page.setContent(`<body style="margin:0;background:${background}"><canvas style="display:block"></canvas></body>`);
  await page.addScriptTag({ content: script });
  await page.evaluate(async (source) => {
    const video = document.createElement("video");
    video.muted = video.loop = true;
    video.src = source;
    const canvas = document.querySelector("canvas");
    if (!canvas) throw new Error("the page has no canvas");
    globalThis.unpacked = globalThis.unpackAlpha(video, canvas);
    await video.play();
  }, clip);
  await page.waitForFunction(() => globalThis.unpacked.started);
  await pause(1200); // the encoder has refined what stands still
  return page;
}

async function picture(page: Page, name: string): Promise<Uint8Array | Uint8ClampedArray> {
  mkdirSync(outFolder, { recursive: true });
  const path = join(outFolder, `${name}.png`);
  await page.screenshot({ path });
  return readPNG(path).data;
}

const BACKGROUNDS: Record<string, { css: string; at: (x: number, y: number) => [number, number, number] }> = {
  checkerboard: {
    css: "repeating-conic-gradient(#fff 0 25%, #404040 0 50%) 0 0 / 16px 16px",
    at: (x, y) => ((x >> 3) + (y >> 3)) % 2 === 1 ? [255, 255, 255] : [64, 64, 64],
  },
  black: { css: "#000", at: () => [0, 0, 0] },
  white: { css: "#fff", at: () => [255, 255, 255] },
  green: { css: "#0c0", at: () => [0, 204, 0] },
};

for (const [name, { css, at }] of Object.entries(BACKGROUNDS)) {
  test(`over ${name} every pixel is what it should be, at the edges of hair too`, { timeout: 60_000 }, async () => {
    const page = await show(css);
    const got = await picture(page, `alpha-${name}`);
    let [edge, edgeError, square, worst, fringe] = [0, 0, 0, 0, 0];
    for (let y = 0; y < EDGE; y++) {
      for (let x = 0; x < EDGE; x++) {
        const { rgb, alpha } = portrait(x, y);
        const behind = at(x, y);
        for (let k = 0; k < 3; k++) {
          const value = got[4 * (y * EDGE + x) + k]!;
          const own = 255 * rgb[k]!;
          const want = alpha * own + (1 - alpha) * behind[k]!;
          const error = Math.abs(value - want);
          square += error * error;
          if (alpha === 0) assert.ok(Math.hypot(x - 128, y - 120) < 110 || error <= 1, `(${x}, ${y}) far outside is off by ${error}`);
          if (alpha <= 0 || alpha >= 1) continue;
          edge++;
          edgeError += error;
          worst = Math.max(worst, error);
          // A fringe is what neither the hair nor the background explains.
          fringe = Math.max(fringe, value - Math.max(own, behind[k]!), Math.min(own, behind[k]!) - value);
        }
      }
    }
    const psnr = 10 * Math.log10(255 * 255 * 3 * EDGE * EDGE / square);
    console.log(`# ${name}: ${psnr.toFixed(1)} dB; of ${edge} values at edges mean error ${(edgeError / edge).toFixed(2)}, worst ${worst.toFixed(0)}, fringe ${fringe.toFixed(0)}`);
    assert.ok(psnr > 40, `${psnr} dB`);
    assert.ok(edgeError / edge < 5, `mean error ${edgeError / edge}`);
    assert.ok(fringe < 24, `fringe ${fringe}`);
    await page.close();
  });
}

test("a lost context comes back, and after the end nothing is drawn", { timeout: 60_000 }, async () => {
  const page = await show("#fff");
  await page.evaluate(async () => {
    const canvas = document.querySelector("canvas");
    const context = canvas?.getContext("webgl")?.getExtension("WEBGL_lose_context");
    if (!canvas || !context) throw new Error("no context to lose");
    const told = new Promise((resolve) => canvas.addEventListener("webglcontextrestored", resolve, { once: true }));
    context.loseContext();
    await new Promise((resolve) => setTimeout(resolve, 200));
    context.restoreContext();
    await told;
  });
  await pause(500);
  const face = 4 * (120 * EDGE + 128);
  const again = await picture(page, "alpha-restored");
  assert.ok(again[face]! > 180 && again[face + 2]! < 170, "the face is there again");
  await page.evaluate(() => {
    globalThis.unpacked.end();
    document.querySelector("canvas")?.getContext("webgl")?.clear(WebGLRenderingContext.COLOR_BUFFER_BIT);
  });
  await pause(300);
  const ended = await picture(page, "alpha-ended");
  assert.equal(ended[face + 2], 255, "the page alone");
  await page.close();
});

test("without requestVideoFrameCallback it draws too", { timeout: 60_000 }, async () => {
  const page = await browser.newPage({ viewport: { width: EDGE, height: EDGE } });
  await page.setContent(`<body style="margin:0"><canvas></canvas></body>`);
  await page.addScriptTag({ content: script });
  await page.evaluate(async (source) => {
    const own = HTMLVideoElement.prototype as Partial<HTMLVideoElement>;
    delete own.requestVideoFrameCallback;
    const video = document.createElement("video");
    video.muted = true;
    video.src = source;
    const canvas = document.querySelector("canvas");
    if (canvas) globalThis.unpacked = globalThis.unpackAlpha(video, canvas);
    await video.play();
  }, clip);
  await page.waitForFunction(() => globalThis.unpacked.started);
  await page.close();
});
