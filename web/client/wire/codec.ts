/**
 * Wire form v1 of a landmark sample, one datagram, little endian: the same bytes as package pipeline/landmark
 * writes (wire.go documents the layout; testdata/wire_v1.json holds golden vectors for both).
 *
 * Go computes in float32, so every step here rounds with Math.fround.
 */
import { FLAG_LOST, knownFlags, type Sample } from "./sample";
import { WIRE_COUNT, WIRE_INDEX } from "./subset";

const MAGIC = 0x47;
const VERSION = 1;

/** Size of the header, and of a whole lost sample, in bytes. */
export const HEADER_SIZE = 44;
/** Size of every sample that is not lost, in bytes. */
export const MAX_WIRE_SIZE = HEADER_SIZE + 4 * WIRE_COUNT;

const OFFSET_FLAGS = 2;
const OFFSET_SEQ = 4;
const OFFSET_CAPTURE = 8;

const MAX_XY = 4095;
const MAX_Z = 255;
/** Landmarks further than this many image widths from the picture are no face. */
const MAX_REACH = 4;
const SMALLEST = Math.fround(1e-6);

/** Encodes samples; holds scratch room, so one encoder belongs to one thread. */
export class Encoder {
  /** x, y, z of the lower corner, then of the upper corner. */
  private readonly box = new Float32Array(6);

  /** Writes sample into dst, which needs MAX_WIRE_SIZE bytes; returns the bytes used, 0 where a point is no number or far off. */
  encode(dst: DataView, sample: Sample): number {
    const lost = (sample.flags & FLAG_LOST) !== 0;
    if (!this.measure(sample, lost)) return 0;
    const [loX, loY, loZ, hiX, hiY, hiZ] = this.box as unknown as [number, number, number, number, number, number];
    const edge = Math.max(Math.fround(hiX - loX), Math.fround(hiY - loY), SMALLEST);
    const depth = Math.max(Math.fround(hiZ - loZ), SMALLEST);
    dst.setUint8(0, MAGIC);
    dst.setUint8(1, VERSION);
    dst.setUint16(OFFSET_FLAGS, knownFlags(sample.flags), true);
    dst.setUint32(OFFSET_SEQ, sample.seq, true);
    setMicros(dst, sample.captureMicros);
    dst.setFloat32(16, loX, true);
    dst.setFloat32(20, loY, true);
    dst.setFloat32(24, edge, true);
    dst.setFloat32(28, loZ, true);
    dst.setFloat32(32, depth, true);
    dst.setUint16(36, sample.width, true);
    dst.setUint16(38, sample.height, true);
    dst.setUint8(40, quantise(Math.fround(sample.score), MAX_Z));
    dst.setUint8(41, 0);
    dst.setUint16(42, sample.marker, true);
    if (lost) return HEADER_SIZE;
    const points = sample.points;
    for (let i = 0; i < WIRE_COUNT; i++) {
      const at = 3 * WIRE_INDEX[i]!;
      const x = quantise(Math.fround(Math.fround(points[at]! - loX) / edge), MAX_XY);
      const y = quantise(Math.fround(Math.fround(points[at + 1]! - loY) / edge), MAX_XY);
      const z = quantise(Math.fround(Math.fround(points[at + 2]! - loZ) / depth), MAX_Z);
      dst.setUint32(HEADER_SIZE + 4 * i, x | (y << 12) | (z << 24), true);
    }
    return MAX_WIRE_SIZE;
  }

  /** Fills box with the corners of the travelling points; false where one of them cannot travel. */
  private measure(sample: Sample, lost: boolean): boolean {
    const { box } = this;
    box.fill(0);
    if (lost) return true;
    const points = sample.points;
    for (let i = 0; i < WIRE_COUNT; i++) {
      const at = 3 * WIRE_INDEX[i]!;
      for (let axis = 0; axis < 3; axis++) {
        const v = points[at + axis]!;
        if (!(v >= -MAX_REACH && v <= MAX_REACH)) return false;
        if (i === 0 || v < box[axis]!) box[axis] = v;
        if (i === 0 || v > box[3 + axis]!) box[3 + axis] = v;
      }
    }
    return true;
  }
}

/** Gives an already encoded datagram another sequence number and capture time, and more flags. */
export function patchHeader(datagram: DataView, seq: number, captureMicros: number, addFlags = 0): void {
  datagram.setUint32(OFFSET_SEQ, seq, true);
  setMicros(datagram, captureMicros);
  datagram.setUint16(OFFSET_FLAGS, datagram.getUint16(OFFSET_FLAGS, true) | addFlags, true);
}

/** Sets only the sequence number: the sender counts, not the tracker. */
export function patchSeq(datagram: DataView, seq: number): void {
  datagram.setUint32(OFFSET_SEQ, seq, true);
}

function setMicros(dst: DataView, micros: number): void {
  const whole = Math.max(0, Math.floor(micros));
  dst.setUint32(OFFSET_CAPTURE, whole % 2 ** 32, true);
  dst.setUint32(OFFSET_CAPTURE + 4, Math.floor(whole / 2 ** 32), true);
}

/** Maps 0..1 to 0..top, rounding, clamping, NaN to 0. */
function quantise(v: number, top: number): number {
  if (!(v > 0)) return 0;
  return Math.min(Math.floor(Math.fround(Math.fround(v * top) + 0.5)), top);
}
