/** How many pictures a second the session gets: the choice where the server leaves one, and what became of it. */
import { USUAL_RATE } from "./media/camera";
import type { AnySettings, Welcome } from "./net/messages";
import { byId } from "./ui/dom";

const ABOUT = "For a camera that gives as many. It takes twice as much of this device and of the server.";

/** The part of a message that says how many pictures there are. */
export type Paced = Pick<Welcome, "rate" | "rate_note">;

export class Smoothness {
  /** Pictures a second now. */
  rate = USUAL_RATE;
  private rates: number[] = [];
  private readonly about = byId("smooth-about", HTMLElement);
  private readonly note = byId("smooth-note", HTMLElement);

  /** wanted tells whether the user wants more than the usual rate; onRate hears the rate of each session, and when it changes. */
  constructor(private readonly wanted: () => boolean, private readonly onRate: (rate: number) => void) {}

  /** What the present session must know; nothing where there is no choice. */
  get settings(): AnySettings {
    const rate = this.rates.at(this.wanted() ? -1 : 0);
    return this.rates.length > 1 && rate !== undefined ? { rate } : {};
  }

  /** A session began. */
  begin(welcome: Welcome): void {
    this.rates = welcome.rates ?? [];
    this.about.hidden = this.rates.length < 2;
    byId("smooth-rate", HTMLElement).textContent = String(this.rates.at(-1) ?? "");
    this.follow(welcome);
  }

  /** There are so many pictures from now on. */
  follow({ rate, rate_note }: Paced): void {
    this.rate = rate ?? this.rate;
    this.note.textContent = rate_note || ABOUT;
    this.onRate(this.rate);
  }
}
