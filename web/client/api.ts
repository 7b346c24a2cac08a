/** The server's HTTP interface, as web/API.md describes it. */
import { Problem } from "./common/problem";

export interface PerformanceInfo {
  name: string;
  title: string;
  seconds: number;
}

export interface ServerConfig {
  version: string;
  size: number;
  fps: number;
  codecs: string[];
  defaultPersona: string;
  playoutDelay: boolean;
  performances: PerformanceInfo[];
  attestation: string;
}

export interface Warning {
  code: string;
  message: string;
}

export interface Persona {
  id: string;
  name: string;
  credit?: string;
  warnings: Warning[];
  builtin: boolean;
}

const UNREACHABLE = "The server cannot be reached; check that it runs and that you are online.";

export function getConfig(): Promise<ServerConfig> {
  return getJSON("api/config");
}

export async function getPersonas(): Promise<Persona[]> {
  return (await getJSON<{ personas: Persona[] }>("api/personas")).personas;
}

export async function deletePersona(id: string): Promise<void> {
  await request(`api/personas/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** The datagrams of a performance with their times. */
export async function getPerformance(name: string): Promise<ArrayBuffer> {
  return (await request(`api/performances/${encodeURIComponent(name)}`)).arrayBuffer();
}

/** Address of a persona's framing, edge pixels wide. */
export function portraitURL(id: string, edge: number): string {
  return `api/personas/${encodeURIComponent(id)}/portrait.jpg?edge=${edge}`;
}

/** Gives the server a picture to put behind the portrait; the id is for the background setting. */
export async function addBackdrop(picture: Blob): Promise<string> {
  const answer = await request("api/backdrops", { method: "POST", body: picture });
  return ((await answer.json()) as { backdrop: string }).backdrop;
}

export function personaFileURL(id: string): string {
  return `api/personas/${encodeURIComponent(id)}/file.persona`;
}

/** The error of an answer's body, whatever the body is. */
export function problemOf(status: number, body: string): Problem {
  try {
    const { error } = JSON.parse(body) as { error?: { code: string; message: string } };
    if (error) return new Problem(error.code, error.message);
  } catch {
    // Not ours: a proxy's page, or nothing.
  }
  return new Problem("http", status === 0 ? UNREACHABLE : `The server answered ${status}; try again in a moment.`);
}

async function getJSON<T>(path: string): Promise<T> {
  return (await request(path)).json() as Promise<T>;
}

async function request(path: string, init?: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch {
    throw new Problem("unreachable", UNREACHABLE);
  }
  if (!answer.ok) throw problemOf(answer.status, await answer.text());
  return answer;
}
