/** What a welcome says about the learned layer. */
import type { Welcome } from "./messages";

export interface Layer {
  /** The generator's name; "mesh" where geometry draws alone. */
  name: string;
  /** Whether there is a learned layer to switch and to compare. */
  learned: boolean;
  /** One sentence for the user: what draws, or why the learned layer does not. */
  note: string;
}

const GEOMETRY = "mesh";

/** The layer of a session; null from a server that knows of none. */
export function layerOf({ generator, generator_note: note }: Pick<Welcome, "generator" | "generator_note">): Layer | null {
  if (typeof generator !== "string" || generator === "") return null;
  if (generator !== GEOMETRY) return { name: generator, learned: true, note: `${generator} repaints what geometry cannot know.` };
  return { name: generator, learned: false, note: note || "This server draws with geometry alone." };
}
