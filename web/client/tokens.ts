/** Who may use the server from elsewhere, as web/API.md describes it. */
import { type Check, isString, listOf, optional, shape } from "./common/json";
import { getJSON, request } from "./api";

export const SCOPES = ["view", "push", "drive", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** What is kept of a token; its secret is not. */
export interface Token {
  id: string;
  scope: Scope;
  session?: string;
  persona?: string;
  label?: string;
  /** RFC 3339; absent: never. */
  expires?: string;
}

/** What a new token is for. */
export type Wanted = Omit<Token, "id">;

const isScope: Check<Scope> = (value): value is Scope => SCOPES.some((scope) => scope === value);

const isToken = shape<Token>({
  id: isString, scope: isScope, session: optional(isString), persona: optional(isString), label: optional(isString), expires: optional(isString),
});

export async function getTokens(): Promise<Token[]> {
  return (await getJSON("api/tokens", shape<{ tokens: Token[] }>({ tokens: listOf(isToken) }))).tokens;
}

/** Makes a token; its secret is told this once. */
export async function createToken(wanted: Wanted): Promise<string> {
  const isMade = shape<{ secret: string }>({ secret: isString });
  return (await getJSON("api/tokens", isMade, { method: "POST", body: JSON.stringify(wanted) })).secret;
}

/** Ends a token, and whatever was let in with it. */
export async function revokeToken(id: string): Promise<void> {
  await request(`api/tokens/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** The link that lets its holder in: to the picture alone where the token is for nothing else. */
export function linkOf({ scope, session }: Wanted, secret: string, page: string): string {
  const url = new URL(scope === "view" && session ? `view/${session}` : ".", page);
  url.search = new URLSearchParams({ token: secret }).toString();
  return url.href;
}

/** What a token is for, in words; now is in milliseconds. */
export function tokenText({ scope, session, persona, expires }: Token, now: number): string {
  const parts = [scope, ...(session ? [`session ${session}`] : []), ...(persona ? [`portrait ${persona}`] : [])];
  if (expires !== undefined) {
    const days = (Date.parse(expires) - now) / 86_400_000;
    parts.push(days <= 0 ? "over" : days < 1 ? "ends today" : `${Math.ceil(days)} days`);
  }
  return parts.join(", ");
}
