/** Several servers that know each other: a page is sent to where room is, moves on when its server stops, and comes back when it dies. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { DESKTOP, freePort, launch, openPage, pause, scratch, Server, untilLive } from "./harness";

const SECRET = "a secret that all of them share";

const folder = scratch();
/** The one whose page is open has the least room; it holds what they know of each other. */
let door: Server;
const rooms: Server[] = [];
let browser: Browser;
let page: Page;
/** Of the server that the page's newest websocket leads to. */
let port = 0;

async function member(name: string, url: string, settings: Record<string, string> = {}): Promise<Server> {
  const port = await freePort();
  return Server.start(folder, {
    GIOCONDA_GALLERY_DIR: `${folder}/${name}`, GIOCONDA_PIPELINE_SIZE: "256", GIOCONDA_PIPELINE_GENERATOR: "mesh",
    GIOCONDA_CLUSTER_URL: url, GIOCONDA_CLUSTER_SECRET: SECRET, ...settings,
  }, port);
}

before(async () => {
  const bus = await freePort();
  door = await member("door", "embedded", { GIOCONDA_CLUSTER_LISTEN: `127.0.0.1:${bus}`, GIOCONDA_PIPELINE_MAX_SESSIONS: "1" });
  for (const name of ["a", "b"]) rooms.push(await member(name, `nats://127.0.0.1:${bus}`));
  browser = await launch(null);
  await pause(5000); // until they have heard of each other
  // As localhost, where the others know its server as 127.0.0.1.
  ({ page } = await openPage(browser, door.address, DESKTOP, (socket) => (port = Number(new URL(socket).port))));
  await untilLive(page);
  await page.click("#perform");
  await page.click("#performances button >> nth=0");
});

after(async () => {
  await browser?.close();
  for (const server of [...rooms, door]) await server?.stop();
});

/** By which others find the session, and how many pictures have come over this connection. */
async function session(): Promise<{ name: string; decoded: number }> {
  return page.evaluate(async () => {
    const { connection } = globalThis.gioconda;
    let decoded = 0;
    (await connection.stats())?.forEach((s: { type: string; kind?: string; framesDecoded?: number }) => {
      if (s.type === "inbound-rtp" && s.kind === "video") decoded = s.framesDecoded ?? 0;
    });
    return { name: connection.name, decoded };
  });
}

/** Milliseconds until pictures come from another server than that. */
async function untilMoved(from: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    await pause(100);
    const now = await session().catch(() => null);
    if (now && port !== from && now.decoded > 5) return performance.now() - began;
    assert.ok(performance.now() - began < 20_000, "the page did not move");
  }
}

test("a page is sent to where room is, under the name by which it was opened", () => {
  assert.ok(rooms.some((room) => room.port === port), `the page is at ${port}`);
});

test("a server that stops sends its page on, with its name and its face", async () => {
  const { name } = await session();
  const room = rooms.find((room) => room.port === port)!;
  const moved = untilMoved(port);
  assert.equal(await room.stop("SIGTERM"), 0, room.said);
  console.log(`# moved after ${Math.round(await moved)} ms`);
  assert.equal((await session()).name, name);
  await room.start();
  await pause(5000);
});

test("a page whose server dies comes back at another", async () => {
  const moved = untilMoved(port);
  await rooms.find((room) => room.port === port)!.stop("SIGKILL");
  const took = await moved;
  console.log(`# back after ${Math.round(took)} ms`);
  assert.ok(took < 8000, "milliseconds until pictures come again");
});
