/** What the background asks the server itself. */
import { parse, shape } from "../client/common/json";
import { type Fault, isFault } from "../client/common/problem";

/** Milliseconds: for the server to say that it is there. */
const LIMIT = 3000;
const NOT_RUNNING = "Gioconda does not run: start it (gioconda serve), then choose its camera again. The site has the real camera now.";

/** Why the server cannot be used, null where it can. */
export async function refusal({ server, token }: { server: string; token: string }): Promise<string | null> {
  try {
    const answer = await fetch(`${server}api/config`, {
      headers: token ? { Authorization: `Bearer ${token}` } : {}, credentials: "omit", signal: AbortSignal.timeout(LIMIT),
    });
    return answer.ok ? null : wordsOf(await answer.text());
  } catch {
    return NOT_RUNNING;
  }
}

/** A server's own words for people, or some where it has none. */
export function wordsOf(body: string): string {
  return parse(body, shape<{ error: Fault }>({ error: isFault }))?.error.message ?? "The server does not let this extension in.";
}
