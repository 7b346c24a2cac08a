/** Lets values through at a bounded rate: the first at once, then the newest of those that came, and always the last. */
export class Throttle<T> {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiting: { value: T } | null = null;

  /** send gets at most one value in so many milliseconds. */
  constructor(private readonly millis: number, private readonly send: (value: T) => void) {}

  push(value: T): void {
    this.waiting = { value };
    if (this.timer === undefined) this.flush();
  }

  /** Forgets what waits. */
  cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting = null;
  }

  private flush(): void {
    this.timer = undefined;
    if (!this.waiting) return;
    const { value } = this.waiting;
    this.waiting = null;
    this.timer = setTimeout(() => this.flush(), this.millis);
    this.send(value);
  }
}
