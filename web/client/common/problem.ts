import { type Check, isString, shape } from "./json";

/** How the server says what went wrong: code is for programs, message is one sentence for people. */
export interface Fault {
  code: string;
  message: string;
}

export const isFault: Check<Fault> = shape<Fault>({ code: isString, message: isString });

/** Something the user should know: message is one sentence that says what to do. */
export class Problem extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}
