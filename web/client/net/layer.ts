/** What a welcome, or an event, says about the learned layer. */
import type { Welcome } from "./messages";

export interface Layer {
  /** The generator's name; "mesh" where geometry draws alone. */
  name: string;
  /** Whether there is a learned layer to switch and to compare. */
  learned: boolean;
  /** One sentence for the user: what draws, or that only the plain portrait does. */
  note: string;
  /** The same for who wants to know why, in the server's words. */
  detail: string;
}

/** The part of a message that says what draws. */
export type Drawing = Pick<Welcome, "generator" | "generator_note">;

const GEOMETRY = "mesh";

/** The layer of a session; null from a server that knows of none. */
export function layerOf({ generator, generator_note: note }: Drawing): Layer | null {
  if (typeof generator !== "string" || generator === "") return null;
  if (generator !== GEOMETRY) {
    return { name: generator, learned: true, note: "The mouth is painted in finer detail.", detail: `Drawn by geometry; ${generator} repaints the mouth.` };
  }
  return {
    name: generator, learned: false, detail: note || "Drawn by geometry alone: this server wants it so.",
    note: note ? "The portrait is in simple mode here, without the sharper mouth. The latency panel says why." : "This server keeps portraits in simple mode, without the sharper mouth.",
  };
}
