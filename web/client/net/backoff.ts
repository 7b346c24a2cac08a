/** Waiting times between attempts, milliseconds: doubling up to a limit, spread so that many browsers do not return at once. */
export class Backoff {
  private attempts = 0;

  constructor(private readonly first = 300, private readonly limit = 8000, private readonly random = Math.random) {}

  next(): number {
    const base = Math.min(this.limit, this.first * 2 ** this.attempts++);
    return base * (0.8 + 0.4 * this.random());
  }

  reset(): void {
    this.attempts = 0;
  }
}
