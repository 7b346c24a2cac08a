/** The server's HTTP interface, as web/API.md describes it. */
import { type Check, isBoolean, isNumber, isString, listOf, optional, parse, shape } from "./common/json";
import { type Fault, isFault, Problem } from "./common/problem";

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

/** What is not as good as it could be about a picture. */
export type Warning = Fault;

export interface Persona {
  id: string;
  name: string;
  credit?: string;
  warnings: Warning[];
  builtin: boolean;
}

/** What became of one of several pictures. */
export interface Judged {
  name: string;
  /** face: it is shown; view: it says what that lacks; none, and why. */
  use: string;
  code?: string;
  why?: string;
}

/** One line of the answer to an uploaded picture. */
export interface UploadLine {
  /** 0..1, and what is being done. */
  progress?: number;
  step?: string;
  /** The last line has these, or error. */
  persona?: Persona;
  warnings?: Warning[];
  /** Of several pictures, in their order. */
  pictures?: Judged[];
  /** What came of tuning to a film, as a sentence without its full stop. */
  tuned?: string;
  error?: Fault;
}

/** A face in a picture, forehead to chin, pixels. */
export interface FaceBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The faces of a picture from the left; the first one is number 1. */
export interface FaceList {
  width: number;
  height: number;
  faces: FaceBox[];
}

const UNREACHABLE = "The server cannot be reached; check that it runs and that you are online.";
const STRANGE = "The server answered what this page does not understand; reload the page, it may be older than the server.";

const isConfig = shape<ServerConfig>({
  version: isString, size: isNumber, fps: isNumber, codecs: listOf(isString), defaultPersona: isString, playoutDelay: isBoolean,
  performances: listOf(shape<PerformanceInfo>({ name: isString, title: isString, seconds: isNumber })), attestation: isString,
});

const isPersona = shape<Persona>({
  id: isString, name: isString, credit: optional(isString), warnings: listOf(isFault), builtin: isBoolean,
});

const isFaceList = shape<FaceList>({
  width: isNumber, height: isNumber, faces: listOf(shape<FaceBox>({ x: isNumber, y: isNumber, width: isNumber, height: isNumber })),
});

const isUploadLine = shape<UploadLine>({
  progress: optional(isNumber), step: optional(isString), persona: optional(isPersona), warnings: optional(listOf(isFault)),
  pictures: optional(listOf(shape<Judged>({ name: isString, use: isString, code: optional(isString), why: optional(isString) }))),
  tuned: optional(isString), error: optional(isFault),
});

export function getConfig(): Promise<ServerConfig> {
  return getJSON("api/config", isConfig);
}

export async function getPersonas(): Promise<Persona[]> {
  return (await getJSON("api/personas", shape<{ personas: Persona[] }>({ personas: listOf(isPersona) }))).personas;
}

export async function renamePersona(id: string, name: string): Promise<void> {
  await request(`api/personas/${encodeURIComponent(id)}`, { method: "PATCH", body: JSON.stringify({ name }) });
}

/** Puts the gallery into this order. */
export async function reorderPersonas(order: string[]): Promise<void> {
  await request("api/personas/order", { method: "PUT", body: JSON.stringify({ order }) });
}

export async function deletePersona(id: string): Promise<void> {
  await request(`api/personas/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** The datagrams of a performance with their times, for so many pictures a second: 30 or 60. */
export async function getPerformance(name: string, rate: number): Promise<ArrayBuffer> {
  return (await request(`api/performances/${encodeURIComponent(name)}?fps=${rate > 30 ? 60 : 30}`)).arrayBuffer();
}

/** Address of a persona's framing, edge pixels wide. */
export function portraitURL(id: string, edge: number): string {
  return `api/personas/${encodeURIComponent(id)}/portrait.jpg?edge=${edge}`;
}

/** Gives the server that has a session a picture to put behind its portrait; the id is for the background setting. */
export async function addBackdrop(picture: Blob, session: string): Promise<string> {
  const isKept = shape<{ backdrop: string }>({ backdrop: isString });
  return (await getJSON(`api/backdrops?session=${encodeURIComponent(session)}`, isKept, { method: "POST", body: picture })).backdrop;
}

/** The faces that a picture shows. */
export function findFaces(picture: Blob, signal: AbortSignal): Promise<FaceList> {
  return getJSON("api/faces", isFaceList, { method: "POST", body: picture, signal });
}

export function personaFileURL(id: string): string {
  return `api/personas/${encodeURIComponent(id)}/file.persona`;
}

/** The error of an answer's body, whatever the body is. */
export function problemOf(status: number, body: string): Problem {
  const ours = parse(body, shape<{ error: Fault }>({ error: isFault }));
  if (ours) return new Problem(ours.error.code, ours.error.message);
  // Not ours: a proxy's page, or nothing.
  return new Problem("http", status === 0 ? UNREACHABLE : `The server answered ${status}; try again in a moment.`);
}

/** What a line of an upload's answer says; null where it is none. */
export function parseUploadLine(line: string): UploadLine | null {
  return parse(line, isUploadLine);
}

export async function getJSON<T>(path: string, check: Check<T>, init?: RequestInit): Promise<T> {
  const value = parse(await (await request(path, init)).text(), check);
  if (value === null) throw new Problem("strange_answer", STRANGE);
  return value;
}

export async function request(path: string, init?: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch {
    throw new Problem("unreachable", UNREACHABLE);
  }
  if (!answer.ok) throw problemOf(answer.status, await answer.text());
  return answer;
}
