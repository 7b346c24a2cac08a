/** What the server tells on its own, in words for people. */
import type { ControlEvent } from "./net/messages";

export interface News {
  /** A passing message, a problem, or the state that the bar shows. */
  kind: "message" | "problem" | "status";
  text: string;
}

/** What to say of an event; null where people need not know. cameraRuns tells whether a camera drives. */
export function newsOf(event: ControlEvent, cameraRuns: boolean): News | null {
  switch (event.event) {
    case "calibrated":
      return event.auto || !cameraRuns ? null : message("Calibrated: this face is your neutral.");
    case "drift":
      return message("You sit differently than before; make a calm face and press Calibrate.");
    case "person":
      return message("Another face: the portrait gets to know it. Look straight ahead for a moment.");
    case "generator_fault":
      return message(event.message || "The learned layer gave no usable picture; geometry stands in.");
    case "error":
      return { kind: "problem", text: event.message };
    case "lost":
      return { kind: "status", text: "No face: the portrait idles." };
    case "found":
      return { kind: "status", text: "Connected." };
    case "persona":
      return null;
  }
}

function message(text: string): News {
  return { kind: "message", text };
}
