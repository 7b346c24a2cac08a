/** A voice for the browser's false microphone whose parts can be told apart, and how much later it is heard. */
import { writeFileSync } from "node:fs";
import type { Page } from "playwright-core";

const RATE = 48_000;

/** Writes seconds of bursts at times that do not repeat, as a WAV file. */
export function writeBursts(path: string, seconds: number): void {
  const samples = new Int16Array(RATE * seconds);
  // A small generator of numbers: each run has the same film of sound.
  let state = 12_345;
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  for (let at = 0.3; at < seconds - 0.2; at += 0.2 + 0.5 * random()) {
    const pitch = 300 + 900 * random();
    const length = 0.04 + 0.06 * random();
    for (let i = 0; i < length * RATE; i++) {
      samples[Math.floor(at * RATE) + i] = Math.round(14_000 * Math.sin((2 * Math.PI * pitch * i) / RATE) * Math.sin((Math.PI * i) / (length * RATE)));
    }
  }
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write("WAVEfmt ", 8);
  for (const [at, value] of [[16, 16], [24, RATE], [28, 2 * RATE], [40, samples.byteLength]] as const) head.writeUInt32LE(value, at);
  for (const [at, value] of [[20, 1], [22, 1], [32, 2], [34, 16]] as const) head.writeUInt16LE(value, at);
  head.write("data", 36);
  writeFileSync(path, Buffer.concat([head, Buffer.from(samples.buffer)]));
}

/** Loudness of the microphone before the extension and of the far side, a value for each millisecond of so many seconds; both are heard in the same way. */
export function listen(page: Page, seconds: number): Promise<[before: number[], away: number[]]> {
  return page.evaluate(async (length) => {
    const context = new AudioContext();
    const code = `registerProcessor("two", class extends AudioWorkletProcessor {
      process([[a, b]]) { if (b) this.port.postMessage([a.slice(), b.slice()]); return true; }
    });`;
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    const merger = context.createChannelMerger(2);
    const two = new AudioWorkletNode(context, "two", { channelCount: 2, channelCountMode: "explicit" });
    [globalThis.raw!, new MediaStream(globalThis.call.far.getAudioTracks())].forEach((stream, i) => context.createMediaStreamSource(stream).connect(merger, 0, i));
    const silent = context.createGain();
    silent.gain.value = 0;
    merger.connect(two).connect(silent).connect(context.destination);
    const chunks: Float32Array[][] = [];
    two.port.onmessage = ({ data }: MessageEvent<Float32Array[]>) => void chunks.push(data);
    await new Promise((resolve) => setTimeout(resolve, 1000 * length));
    await context.close();
    const milli = context.sampleRate / 1000;
    return [0, 1].map((side) => {
      const loud: number[] = [];
      let sum = 0, taken = 0;
      for (const chunk of chunks) {
        for (const value of chunk[side]!) {
          sum += value * value;
          if (++taken < milli) continue;
          loud.push(Math.sqrt(sum / taken));
          sum = taken = 0;
        }
      }
      return loud;
    }) as [number[], number[]];
  }, seconds);
}

/** Milliseconds by which the second follows the first, and how well it fits, 1 for the same. */
export function lag([before, away]: [number[], number[]], most = 900): { millis: number; fit: number } {
  let best = { millis: 0, fit: -1 };
  for (let shift = -100; shift <= most; shift++) {
    let n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (let i = Math.max(0, shift); i < Math.min(away.length, before.length + shift); i++) {
      const [x, y] = [before[i - shift]!, away[i]!];
      n++;
      a += x;
      b += y;
      aa += x * x;
      bb += y * y;
      ab += x * y;
    }
    const fit = (n * ab - a * b) / Math.sqrt((n * aa - a * a) * (n * bb - b * b) || 1);
    if (fit > best.fit) best = { millis: shift, fit };
  }
  return best;
}
