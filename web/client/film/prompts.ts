/** What is asked of somebody who is filmed, one after the other, in some seconds. */
import type { Look } from "./look";

export interface Prompt {
  /** What to do. */
  text: string;
  /** What is then seen, for a picture's label. */
  label: string;
  /** Drawn large beside the text. */
  sign: string;
  millis: number;
  /** Whether it is seen; calm is the look of the calmest moment. */
  shows: (look: Look, calm: Look) => boolean;
}

/** Shut eyes last: nobody reads on with them, and a tone ends them. */
export const PROMPTS: readonly Prompt[] = [
  { text: "Look into the camera with a calm face", label: "calm", sign: "•", millis: 1500, shows: (look) => look.mouth < 0.12 },
  { text: "Smile, so that your teeth show", label: "smile", sign: "◡", millis: 1300, shows: (look, calm) => look.smile > calm.smile + 0.04 || look.mouth > calm.mouth + 0.08 && look.mouth <= 0.25 },
  { text: "Say “aah”", label: "aah", sign: "○", millis: 1300, shows: (look) => look.mouth > 0.25 },
  { text: "Count aloud: one, two, three, four, five", label: "words", sign: "…", millis: 2800, shows: (look) => look.mouth > 0.05 && look.mouth <= 0.25 },
  { text: "Turn your head to the left", label: "to one side", sign: "←", millis: 1300, shows: (look, calm) => look.yaw > calm.yaw + 0.2 },
  { text: "Turn your head to the right", label: "to the other side", sign: "→", millis: 1300, shows: (look, calm) => look.yaw < calm.yaw - 0.2 },
  { text: "Chin up", label: "up", sign: "↑", millis: 1200, shows: (look, calm) => look.pitch < calm.pitch - 0.12 },
  { text: "Chin down", label: "down", sign: "↓", millis: 1200, shows: (look, calm) => look.pitch > calm.pitch + 0.12 },
  { text: "Shut your eyes until the tone", label: "shut eyes", sign: "◠", millis: 1400, shows: (look, calm) => look.eyes < 0.6 * calm.eyes },
];

/** All of them, milliseconds. */
export const FILM_MILLIS = PROMPTS.reduce((sum, { millis }) => sum + millis, 0);

/** The prompt at a time since the start, milliseconds; null once it is over. */
export function promptAt(millis: number): Prompt | null {
  let end = 0;
  return PROMPTS.find((prompt) => millis < (end += prompt.millis)) ?? null;
}

/** What a look shows, for people: what was asked for if that is seen, else whatever else is. calm is the calmest moment's. */
export function labelOf(look: Look, calm: Look, asked: string): string {
  const seen = PROMPTS.filter(({ shows }) => shows(look, calm)).map(({ label }) => label);
  return seen.includes(asked) ? asked : seen.at(-1) ?? "lively";
}

/** Labels of what was asked for and not seen in these looks, of which the first one is the calmest. */
export function unseen(shots: readonly { label: string; look: Look }[]): string[] {
  const [calm] = shots;
  if (!calm) return PROMPTS.map(({ label }) => label);
  return PROMPTS.filter(({ shows }) => !shots.some(({ look }) => shows(look, calm.look))).map(({ label }) => label);
}
