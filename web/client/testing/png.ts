/** A decoder for the 8-bit RGB and RGBA PNG files of the tests. */
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { newPixels, type Pixels } from "../tracker/sampler";

export function readPNG(path: string): Pixels {
  const file = readFileSync(path);
  const width = file.readUInt32BE(16);
  const height = file.readUInt32BE(20);
  const channels = file[25] === 6 ? 4 : 3;
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    if (file.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return unfilter(inflateSync(Buffer.concat(parts)), width, height, channels);
}

function unfilter(raw: Buffer, width: number, height: number, channels: number): Pixels {
  const picture = newPixels(width, height);
  const stride = channels * width;
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]!;
    const row = new Uint8Array(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let i = 0; i < stride; i++) {
      const left = i >= channels ? row[i - channels]! : 0;
      const corner = i >= channels ? above[i - channels]! : 0;
      row[i] = row[i]! + predict(filter, left, above[i]!, corner);
    }
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 4; c++) picture.data[4 * (y * width + x) + c] = c < channels ? row[channels * x + c]! : 255;
    }
    above = row;
  }
  return picture;
}

function predict(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1: return left;
    case 2: return up;
    case 3: return (left + up) >> 1;
    case 4: {
      const guess = left + up - corner;
      const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
      return a <= b && a <= c ? left : b <= c ? up : corner;
    }
    default: return 0;
  }
}
