/** Performances instead of a camera: chosen from the menu, played until something else drives the portrait. */
import { getPerformance, type PerformanceInfo } from "./api";
import { parsePerformance, type PerformanceRecord } from "./media/performance";
import { PerformanceMenu } from "./ui/menu";

export interface PlayingEvents {
  /** How many pictures a second the server draws. */
  rate(): number;
  /** A performance is about to drive: whatever drives now must stop. */
  onStart(): void;
  onProblem(error: unknown): void;
  /** It plays, or does no more. */
  onChange(): void;
}

/** What plays: a worker, whose timers go on where nobody sees the page. */
export interface PerformancePlayer {
  play(records: PerformanceRecord[]): void;
  replay(): void;
  halt(): void;
}

export class Playing {
  /** Whether a performance drives. */
  playing = false;
  /** Counts what the user asked to drive the portrait: what loads slowly must not overtake a later wish. */
  private wishes = 0;
  private ending: ReturnType<typeof setTimeout> | undefined;
  private readonly menu: PerformanceMenu;

  constructor(private readonly player: PerformancePlayer, private readonly events: PlayingEvents) {
    this.menu = new PerformanceMenu({ onPlay: (performance) => void this.play(performance), onStop: () => this.stop() });
  }

  /** Fills the menu. */
  show(performances: PerformanceInfo[]): void {
    this.menu.show(performances);
  }

  /** What the menu's button and its shortcut do. */
  press(): void {
    this.menu.press();
  }

  /** Whether the server can be asked for performances. */
  setReachable(reachable: boolean): void {
    this.menu.setReachable(reachable);
  }

  stop(): void {
    this.wishes++;
    clearTimeout(this.ending);
    this.playing = false;
    this.player.halt();
    this.menu.setPlaying(null);
    this.events.onChange();
  }

  /** Plays from the start again: a session that began anew knows no neutral. */
  restart(): void {
    this.player.replay();
  }

  private async play({ name, title, seconds }: PerformanceInfo): Promise<void> {
    const wish = ++this.wishes;
    try {
      const records = parsePerformance(await getPerformance(name, this.events.rate()));
      if (wish !== this.wishes) return;
      this.events.onStart();
      this.player.play(records);
      this.playing = true;
      this.menu.setPlaying(title);
      clearTimeout(this.ending);
      // Who asked for less motion gets it once, and not for ever.
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.ending = setTimeout(() => this.stop(), 1000 * seconds);
      this.events.onChange();
    } catch (error) {
      this.events.onProblem(error);
    }
  }
}
