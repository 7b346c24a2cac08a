/** Something the user should know: message is one sentence that says what to do, code is for programs. */
export class Problem extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}
