/** Runs inside a page: a session's picture as a player gets it, with nothing between. */
import { Viewing } from "../client/view/whep";

function direct(endpoint: string): Promise<MediaStream> {
  return new Promise((resolve, reject) => {
    const viewing = new Viewing(endpoint, { onStream: resolve, onLost: () => reject(new Error("no picture came")) });
    viewing.start().catch(reject);
  });
}

export type Direct = typeof direct;
globalThis.direct = direct;
