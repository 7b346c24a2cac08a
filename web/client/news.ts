/** What the server tells on its own, in words for people. */
import type { ControlEvent } from "./net/messages";

export interface News {
  /** A passing message, a problem, or the state that the bar shows. */
  kind: "message" | "problem" | "status";
  text: string;
}

/** What drives: a camera, one whose driver is just being got to know, or none. */
export type Driver = "camera" | "new camera" | "none";

/** What to say of an event; null where people need not know. */
export function newsOf(event: ControlEvent, driver: Driver): News | null {
  switch (event.event) {
    case "calibrated":
      return event.auto || driver === "none" ? null : message("Calibrated: this face is your neutral.");
    case "drift":
      return message("You sit differently than before; make a calm face and press X to reset it.");
    case "person":
      // After a performance, or nobody, any face is another one, and the countdown says what to do.
      return driver === "camera" ? message("Another face: the portrait gets to know it. Look straight ahead for a moment.") : null;
    case "generator_fault":
      return message("One picture could not be sharpened; the plain one stands in.");
    case "error":
      return { kind: "problem", text: event.message };
    case "lost":
      return driver === "none" ? null : { kind: "status", text: "No face: the portrait idles." };
    case "found":
      return { kind: "status", text: "Connected." };
    case "generator":
      return message("There is room now: the mouth is painted in finer detail.");
    case "persona":
      return null;
  }
}

function message(text: string): News {
  return { kind: "message", text };
}
