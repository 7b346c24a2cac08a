/** The ways out of a session, as web/API.md describes them. */
import { type Check, isBoolean, isNumber, isString, listOf, optional, shape } from "./common/json";
import { sentence } from "./common/sentence";
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
  /** Milliseconds that this way out adds to the picture; absent where nobody has measured it. */
  added_ms?: number;
}

const isState: Check<Exit["state"]> = (value): value is Exit["state"] => ["connecting", "live", "waiting", "ended"].includes(value as string);

export const isExit = shape<Exit>({
  id: isString, url: isString, codec: optional(isString), configured: isBoolean, state: isState, message: isString, bytes: isNumber,
  added_ms: optional(isNumber),
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

/** What kind of way out an address is: the one that opens it. */
export type ExitKind = "rtmp" | "srt" | "whip" | "livekit" | "file";

export function kindOf(url: string): ExitKind {
  const scheme = /^[a-z]+/.exec(url)?.[0] ?? "";
  if (scheme === "rtmp" || scheme === "rtmps") return "rtmp";
  return scheme === "srt" || scheme === "livekit" || scheme === "file" ? scheme : "whip";
}

/** Whether an exit is connected, and a sentence where it is not. */
export function exitState({ state, message }: Exit): string {
  switch (state) {
    case "connecting":
      return "Connecting…";
    case "live":
      return "Connected.";
    case "waiting":
      return sentence(message || "not connected; it tries again by itself");
    case "ended":
      return sentence(message || "ended");
  }
}

/** Figures of one that is connected: its rate, of what was sent since an earlier look, and what it adds; empty before there are any. */
export function exitFigures(exit: Exit, before?: Exit, seconds = 0): string {
  if (exit.state !== "live") return "";
  const figures: string[] = [];
  if (before?.state === "live" && seconds > 0 && exit.bytes >= before.bytes) {
    figures.push(`${Math.round((8 * (exit.bytes - before.bytes)) / seconds / 1000)} kbit/s`);
  }
  if (exit.added_ms !== undefined) figures.push(`${Math.round(exit.added_ms)} ms added`);
  return figures.join(", ");
}
