/** The ways out of a session, as web/API.md describes them. */
import { type Check, isBoolean, isNumber, isString, listOf, optional, shape } from "./common/json";
import { getJSON, request } from "./api";

export interface Exit {
  id: string;
  /** Where it leads, without secrets. */
  url: string;
  codec?: string;
  /** The server's configuration opens it. */
  configured: boolean;
  state: "connecting" | "live" | "waiting" | "ended";
  /** A sentence where something is wrong. */
  message: string;
  /** Of video, sent so far. */
  bytes: number;
}

const isState: Check<Exit["state"]> = (value): value is Exit["state"] => ["connecting", "live", "waiting", "ended"].includes(value as string);

export const isExit = shape<Exit>({
  id: isString, url: isString, codec: optional(isString), configured: isBoolean, state: isState, message: isString, bytes: isNumber,
});

function pathOf(session: string): string {
  return `api/sessions/${encodeURIComponent(session)}/exits`;
}

export async function getExits(session: string): Promise<Exit[]> {
  return (await getJSON(pathOf(session), shape<{ exits: Exit[] }>({ exits: listOf(isExit) }))).exits;
}

/** Opens a way out; token is what the other side asks for. */
export async function startExit(session: string, url: string, token: string): Promise<Exit> {
  const body = JSON.stringify({ url, token });
  return (await getJSON(pathOf(session), shape<{ exit: Exit }>({ exit: isExit }), { method: "POST", body })).exit;
}

export async function stopExit(session: string, id: string): Promise<void> {
  await request(`${pathOf(session)}/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** What an exit does now, in words; before and seconds are of an earlier look, for its rate. */
export function exitText(exit: Exit, before?: Exit, seconds = 0): string {
  switch (exit.state) {
    case "connecting":
      return "connecting…";
    case "live":
      return before?.state === "live" && seconds > 0 && exit.bytes >= before.bytes
        ? `live, ${Math.round((8 * (exit.bytes - before.bytes)) / seconds / 1000)} kbit/s`
        : "live";
    case "waiting":
      return exit.message || "waiting to try again";
    case "ended":
      return exit.message || "ended";
  }
}
