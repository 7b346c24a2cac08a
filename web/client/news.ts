/** What the server tells on its own, in words for people. */
import type { ControlEvent } from "./net/messages";

export interface News {
  /** A passing message, a problem, or the state that the bar shows. */
  kind: "message" | "problem" | "status";
  text: string;
}

/** What drives: a camera, one whose driver is just being got to know, or none; or nothing does since it is paused. */
export type Driver = "camera" | "new camera" | "none" | "paused";

/** What the bar says while nothing is wrong. */
export function standing(paused: boolean): string {
  return paused ? "Paused: nothing of you is sent." : "Connected.";
}

/** What to say of an event; null where people need not know. */
export function newsOf(event: ControlEvent, driver: Driver): News | null {
  switch (event.event) {
    case "calibrated":
      return event.auto || driver === "none" || driver === "paused" ? null : message("Calibrated: this face is your neutral.");
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
      return driver === "none" || driver === "paused" ? null : { kind: "status", text: "No face: the portrait idles." };
    case "found":
      return { kind: "status", text: standing(driver === "paused") };
    case "generator":
      if (event.generator === "mesh") return message("The portrait goes on without the sharper mouth for now.");
      return message("There is room now: the mouth is painted in finer detail.");
    case "rate":
      return event.rate_note ? message(event.rate_note) : null;
    case "persona":
      return null;
  }
}

function message(text: string): News {
  return { kind: "message", text };
}
