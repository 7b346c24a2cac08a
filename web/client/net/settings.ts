/** Brings settings to the server: one request under way, the newest values next, however fast a slider moves. */
import type { AnySettings } from "./messages";

export class SettingsSync {
  private waiting: AnySettings = {};
  private busy = false;

  /** request sends the fields and rejects where the server refuses; onProblem gets the refusal. */
  constructor(private readonly request: (fields: AnySettings) => Promise<unknown>, private readonly onProblem: (error: unknown) => void) {}

  async push(fields: AnySettings): Promise<void> {
    Object.assign(this.waiting, fields);
    if (this.busy) return;
    this.busy = true;
    while (Object.keys(this.waiting).length > 0) {
      const next = this.waiting;
      this.waiting = {};
      await this.request(next).catch(this.onProblem);
    }
    this.busy = false;
  }
}
