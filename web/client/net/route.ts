/** The way through servers that send visitors to each other: where it is now, and where else it may go. */
import type { Place, Redirect } from "./messages";

/** Servers that one attempt may name as tried, as PROTOCOL.md has it, and that are remembered. */
const MOST_TRIED = 8;
const MOST_NODES = 4;

export class Route {
  /** Where the next connection leads. */
  at: Place;
  /** Ids of servers where this attempt has been, or found nobody. */
  tried: string[] = [];
  private readonly home: Place;
  private known: Place[] = [];
  private failed = new Set<string>();

  constructor(address: string, token: string) {
    this.home = { node: "", url: address, token };
    this.at = this.home;
  }

  /** Learns where to go when the server is lost, the best first. */
  learn(places: readonly Place[]): void {
    this.known = places.slice(0, MOST_NODES);
  }

  /** Whether there is anywhere else to go. */
  hasOthers(): boolean {
    return this.next() !== undefined;
  }

  /** The server sends it on; false: in circles, or too far, and it begins anew. moved: it was inside. */
  sentOn(to: Redirect, moved: boolean): boolean {
    if (moved) this.reset(false);
    const known = this.tried.includes(to.node) || to.node === to.from;
    if (known || this.tried.length >= MOST_TRIED) {
      this.reset();
      return false;
    }
    this.tried.push(to.from);
    this.at = { node: to.node, url: to.url, ...(to.token !== undefined && { token: to.token }) };
    return true;
  }

  /** Nobody answers where it is: goes on to the next, and tells whether there is one. After the last it begins anew. */
  unreached(): boolean {
    this.failed.add(this.at.url);
    if (this.at.node && this.tried.length < MOST_TRIED) this.tried.push(this.at.node);
    const next = this.next();
    if (next) {
      this.at = next;
      return true;
    }
    this.tried = [];
    this.failed.clear();
    return false;
  }

  /** It is let in by a server of that name. */
  welcomed(node = ""): void {
    this.tried = [];
    this.failed.clear();
    this.at = { ...this.at, node };
  }

  /** Begins anew, at the page's own server where home says so. */
  reset(home = true): void {
    this.tried = [];
    this.failed.clear();
    if (home) this.at = this.home;
  }

  private next(): Place | undefined {
    return [...this.known, this.home].find(({ node, url }) => url !== this.at.url && !this.failed.has(url) && !this.tried.includes(node));
  }
}
