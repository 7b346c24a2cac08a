/** Draws the last ten seconds of frames as stacked stages. */
import { type FrameTrace, type Stage, STAGES } from "../latency/ledger";

/** Told apart by lightness as well as by hue. */
export const STAGE_COLORS: Record<Stage, string> = {
  track: "#f0d79b", uplink: "#d79a4a", wait: "#a8622c", retarget: "#7fc6a4", generate: "#3f9d7c", encode: "#2b6f66",
  packet: "#b7c3e8", network: "#7f95d1", buffer: "#4f63a8", decode: "#d99ac0", present: "#96527f",
};

/** The learned layer's part at the end of "generate". */
export const LEARNED_COLOR = "#c9eabb";

const WINDOW = 10_000;
const GRID_STEPS = [10, 20, 50, 100, 200, 500, 1000];

/** Draws traces up to now (milliseconds of performance.now()'s kind) into the canvas at its size on the page. */
export function drawPlot(canvas: HTMLCanvasElement, traces: readonly FrameTrace[], now: number): void {
  const scale = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * scale);
  const height = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  if (!context || width === 0) return;
  context.clearRect(0, 0, width, height);
  const recent = traces.filter(({ at }) => at > now - WINDOW);
  const top = ceiling(recent);
  const bar = Math.max(1, (width / WINDOW) * 32);
  for (const trace of recent) {
    const x = width - ((now - trace.at) / WINDOW) * width;
    let y = height;
    for (const stage of STAGES) {
      const part = (Math.max(0, trace.stages[stage] || 0) / top) * height;
      context.fillStyle = STAGE_COLORS[stage];
      context.fillRect(x, y - part, bar, part);
      y -= part;
      if (stage === "generate" && trace.learned > 0) {
        context.fillStyle = LEARNED_COLOR;
        context.fillRect(x, y, bar, Math.min(part, (trace.learned / top) * height));
      }
    }
  }
  drawGrid(context, width, height, top, scale);
}

/** A round number of milliseconds above nearly all frames: one hiccup must not flatten the rest. */
function ceiling(traces: readonly FrameTrace[]): number {
  const sums = traces.map(sum).sort((a, b) => a - b);
  const high = 1.15 * (sums[Math.floor(0.97 * (sums.length - 1))] ?? 40);
  return GRID_STEPS.map((step) => 4 * step).find((limit) => limit >= high) ?? 4000;
}

function sum({ stages }: FrameTrace): number {
  let total = 0;
  for (const stage of STAGES) total += Math.max(0, stages[stage] || 0);
  return total;
}

function drawGrid(context: CanvasRenderingContext2D, width: number, height: number, top: number, scale: number): void {
  context.font = `${11 * scale}px system-ui, sans-serif`;
  for (let i = 1; i < 4; i++) {
    const y = Math.round(height - (i / 4) * height) + 0.5;
    context.fillStyle = "#ffffff1f";
    context.fillRect(0, y, width, scale);
    const text = `${(top * i) / 4} ms`;
    context.fillStyle = "#0c0e0bcc";
    context.fillRect(3 * scale, y - 15 * scale, context.measureText(text).width + 6 * scale, 15 * scale);
    context.fillStyle = "#d8d3c2";
    context.fillText(text, 6 * scale, y - 4 * scale);
  }
}
