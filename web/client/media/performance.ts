/** Plays a performance: landmark datagrams written by program, sent at their own timing, again and again. */
import { nowMicros } from "../common/clock";
import { HEADER_SIZE, MAX_WIRE_SIZE, patchHeader } from "../wire/codec";
import { FLAG_NEUTRAL } from "../wire/sample";

/** One datagram and its time, microseconds from the start. */
export interface PerformanceRecord {
  at: number;
  datagram: Uint8Array<ArrayBuffer>;
}

/** For so long from its start a performance asks to be taken as the neutral: a lost datagram must not spoil it. */
const NEUTRAL_MICROS = 100_000;

/** Records of u32 microseconds, u16 length, datagram. Throws where the bytes are no performance. */
export function parsePerformance(bytes: ArrayBuffer): PerformanceRecord[] {
  const view = new DataView(bytes);
  const records: PerformanceRecord[] = [];
  for (let offset = 0; offset < bytes.byteLength;) {
    if (offset + 6 > bytes.byteLength) throw new Error("The performance ends in the middle of a record.");
    const at = view.getUint32(offset, true);
    const length = view.getUint16(offset + 4, true);
    offset += 6;
    if (length < HEADER_SIZE || length > MAX_WIRE_SIZE || offset + length > bytes.byteLength) {
      throw new Error("The performance holds a record of a wrong length.");
    }
    records.push({ at, datagram: new Uint8Array(bytes, offset, length) });
    offset += length;
  }
  if (!(records.length > 1 && records[records.length - 1]!.at > 0)) throw new Error("The performance is empty.");
  return records;
}

export class Player {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private index = 0;
  private begun = 0;
  private loops = 0;

  /** send gets each datagram when it is due, with its capture time in microseconds. */
  constructor(
    private readonly records: PerformanceRecord[],
    private readonly send: (datagram: Uint8Array<ArrayBuffer>, capture: number) => void,
    private readonly now = nowMicros,
  ) {}

  start(): void {
    this.stop();
    this.index = this.loops = 0;
    this.begun = this.now();
    this.tick();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private tick(): void {
    const now = this.now();
    let due: PerformanceRecord | null = null;
    // After a pause, such as that of a busy machine, only the newest record is still worth sending.
    while (this.dueAt() <= now) {
      due = this.records[this.index]!;
      this.advance();
    }
    if (due) this.sendOne(due, now);
    this.timer = setTimeout(() => this.tick(), Math.max(0, (this.dueAt() - this.now()) / 1000));
  }

  private dueAt(): number {
    return this.begun + this.records[this.index]!.at;
  }

  private advance(): void {
    this.index++;
    if (this.index < this.records.length) return;
    const last = this.records[this.records.length - 1]!.at;
    // The pause between the last record and the first is the mean one.
    this.begun += last + last / (this.records.length - 1);
    this.index = 0;
    this.loops++;
  }

  private sendOne({ at, datagram }: PerformanceRecord, now: number): void {
    const neutral = this.loops === 0 && at < NEUTRAL_MICROS ? FLAG_NEUTRAL : 0;
    const copy = datagram.slice();
    patchHeader(new DataView(copy.buffer), 0, now, neutral);
    this.send(copy, now);
  }
}
