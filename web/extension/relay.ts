/**
 * Asks the server for pages: signalling of WHEP only, of the driver's session only. The server's token and the address of a
 * viewer stay here; a page gets a number for its viewer, which is good on its own port alone.
 */
import type { Fetch } from "../client/view/whep";
import type { WhepAnswer, WhepRequest } from "./messages";

/** Milliseconds. */
const LIMIT = 10_000;
/** Viewers of one page: it has one, and one that ends. */
const MOST_VIEWERS = 8;
const NO_SESSION: WhepAnswer = { status: 409, headers: { "Retry-After": "2" }, body: "" };
const NO_VIEWER: WhepAnswer = { status: 404, headers: {}, body: "" };
const UNREACHABLE: WhepAnswer = { status: 0, headers: {}, body: "" };
const PASSED_ON = ["ETag", "Link", "Retry-After", "Content-Type"];

/** Where requests go; session "" is none. */
export interface Target {
  server: string;
  token: string;
  session: string;
}

interface Sent {
  method: string;
  headers: Record<string, string>;
  body?: string;
}

export class Relay {
  private readonly viewers = new Map<string, string>();
  private next = 1;

  constructor(private readonly target: () => Target, private readonly ask: Fetch = (address, init) => fetch(address, init)) {}

  async request({ method, path, body, tag }: WhepRequest): Promise<WhepAnswer> {
    if (path === "") return this.session(method, body);
    const viewer = this.viewers.get(path);
    if (!viewer || (method !== "PATCH" && method !== "DELETE")) return NO_VIEWER;
    if (method === "DELETE") this.viewers.delete(path);
    return this.send(viewer, {
      method, ...(method === "PATCH" ? { body } : {}),
      headers: method === "PATCH" ? { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": tag } : {},
    });
  }

  /** The page has gone: so must its viewers. */
  close(): void {
    for (const viewer of this.viewers.values()) void this.send(viewer, { method: "DELETE", headers: {} });
    this.viewers.clear();
  }

  private async session(method: WhepRequest["method"], body: string): Promise<WhepAnswer> {
    const { server, session } = this.target();
    if (session === "") return NO_SESSION;
    const endpoint = `${server}whep/${encodeURIComponent(session)}?aspect=16:9`;
    if (method === "HEAD") return this.send(endpoint, { method, headers: {} });
    if (method !== "POST" || this.viewers.size >= MOST_VIEWERS) return NO_VIEWER;
    return this.send(endpoint, { method, body, headers: { "Content-Type": "application/sdp" } });
  }

  private async send(address: string, { headers, ...init }: Sent): Promise<WhepAnswer> {
    const { token } = this.target();
    let answer: Response;
    try {
      answer = await this.ask(address, {
        ...init, headers: { ...headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) }, credentials: "omit", redirect: "error",
        signal: AbortSignal.timeout(LIMIT),
      });
    } catch {
      return UNREACHABLE;
    }
    const kept: Record<string, string> = {};
    for (const name of PASSED_ON) {
      const value = answer.headers.get(name);
      if (value !== null) kept[name] = value;
    }
    const location = answer.headers.get("Location");
    if (location !== null && init.method === "POST") kept["Location"] = this.keep(new URL(location, address).href);
    return { status: answer.status, headers: kept, body: await answer.text().catch(() => "") };
  }

  private keep(viewer: string): string {
    const path = `/${this.next++}`;
    this.viewers.set(path, viewer);
    return path;
  }
}
