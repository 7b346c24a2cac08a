/** The extension on pages of the tests' own: what a page gets that asks for a camera, in all ways in which pages ask. */
import assert from "node:assert/strict";
import type { Server as HTTPServer } from "node:http";
import { after, before, test } from "node:test";
import type { BrowserContext, Frame, Page } from "playwright-core";
import { launchWithExtension, site, switchOn, untilDriving, untilServed } from "./extension";
import { cameraOf, scratch, Server } from "./harness";

const folder = scratch();
let server: Server;
let context: BrowserContext;
let popup: Page;
let address: string;
let other: string;
const sites: HTTPServer[] = [];

/** What a strict site sends. */
const STRICT = "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";
/** A page that asks in its head, before anything else is there. */
const EARLY = `<!doctype html><script>
  window.early = navigator.mediaDevices.getUserMedia({ video: true });
  window.heads = [...document.scripts].length;
</script><title>Early</title>`;

before(async () => {
  server = await Server.start(folder);
  const plain = await site({
    "/": (_, response) => response.end("<!doctype html><title>A call</title>"),
    "/early": (_, response) => response.end(EARLY),
    "/strict": (_, response) => response.setHeader("Content-Security-Policy", STRICT).end("<!doctype html><title>Strict</title>"),
    "/frames": (request, response) => response.end(framing(new URL(request.url ?? "", "http://x").searchParams.get("other") ?? "")),
  });
  const elsewhere = await site({ "/": (_, response) => response.end("<!doctype html><title>Elsewhere</title>") }, "127.0.0.1");
  sites.push(plain.server, elsewhere.server);
  [address, other] = [plain.address, elsewhere.address];
  context = await launchWithExtension(cameraOf(folder, "talk-gentle", 10));
  const opened = await switchOn(context, server.address);
  popup = opened.popup;
  await untilDriving(opened.driver);
  await untilServed(context, address);
});

after(async () => {
  await context?.close();
  for (const one of sites) one.close();
  await server?.stop();
});

/** A page with a frame of each kind. */
function framing(elsewhere: string): string {
  return `<!doctype html><title>Frames</title>
    <iframe name="same" src="/"></iframe>
    <iframe name="cross" allow="camera" src="${elsewhere}/"></iframe>
    <iframe name="refused" src="${elsewhere}/"></iframe>
    <iframe name="srcdoc" srcdoc="<title>srcdoc</title>"></iframe>
    <iframe name="blob"></iframe>
    <iframe name="blank"></iframe>
    <script>document.querySelector("[name=blob]").src = URL.createObjectURL(new Blob(["<title>blob</title>"], { type: "text/html" }));</script>`;
}

async function open(path = "/"): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address + path);
  return page;
}

/** Label and deviceId of the camera that a frame gets; or the name of the error and what it is about. */
function ask(frame: Page | Frame, video: unknown = true): Promise<string> {
  return frame.evaluate(async (wish) => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: wish as MediaTrackConstraints });
      const [track] = stream.getVideoTracks();
      track?.stop();
      return track?.label ?? "none";
    } catch (error) {
      return [(error as Error).name, (error as { constraint?: string }).constraint ?? ""].join(" ").trim();
    }
  }, video);
}

/** Our camera's id on the site of the tests. */
function ourId(page: Page): Promise<string> {
  return page.evaluate(async () => (await navigator.mediaDevices.enumerateDevices()).find(({ label }) => label === "Gioconda")?.deviceId ?? "");
}

test("a page that asks for a camera gets the portrait, moving", async (t) => {
  const page = await open();
  const got = await page.evaluate(async () => {
    const from = performance.now();
    const stream = await navigator.mediaDevices.getUserMedia({ video: true });
    const took = performance.now() - from;
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = stream;
    await video.play();
    const begin = performance.now();
    for (let frames = 0; frames < 60; frames++) await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    const [track] = stream.getVideoTracks();
    return { took, label: track?.label, size: [video.videoWidth, video.videoHeight], rate: 60_000 / (performance.now() - begin) };
  });
  t.diagnostic(`there after ${got.took.toFixed(0)} ms, ${got.rate.toFixed(1)} frames/s`);
  assert.deepEqual([got.label, got.size], ["Gioconda", [1280, 720]]);
  await page.close();
});

test("the track is a camera's: settings, capabilities, constraints, clones", async () => {
  const page = await open();
  const seen = await page.evaluate(async () => {
    const refused = async (what: Promise<unknown>): Promise<string> => what.then(() => "", (error: unknown) => `${(error as Error).name} ${(error as { constraint?: string }).constraint}`);
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, frameRate: { max: 24 } } });
    const track = stream.getVideoTracks()[0]!;
    const asked = { settings: track.getSettings(), capabilities: track.getCapabilities(), constraints: track.getConstraints() };
    await track.applyConstraints({ width: { exact: 640 }, height: { exact: 360 } });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { width, height } = track.getSettings();
    const clone = track.clone(), copy = stream.clone().getVideoTracks()[0]!;
    const own = Object.getOwnPropertyNames(track);
    const constraintsNow = track.getConstraints();
    const refusals = [
      await refused(track.applyConstraints({ width: { exact: 1920 } })), await refused(track.applyConstraints({ deviceId: { exact: "another" } })),
      await refused(navigator.mediaDevices.getUserMedia({ video: { width: { min: 1920 } } })),
    ];
    const result = {
      asked, scaled: [width, height], own, constraintsNow, refusals, kind: Object.prototype.toString.call(track), muted: track.muted, state: track.readyState,
      labels: [clone.label, copy.label], ids: [clone.getSettings().deviceId, copy.getSettings().deviceId],
    };
    for (const one of [track, clone, copy]) one.stop();
    return result;
  });
  const { settings, capabilities, constraints } = seen.asked;
  assert.match(settings.deviceId ?? "", /^[0-9a-f]{64}$/);
  assert.match(settings.groupId ?? "", /^[0-9a-f]{64}$/);
  assert.deepEqual([settings.width, settings.height, settings.frameRate], [1280, 720, 24]);
  assert.deepEqual([capabilities.deviceId, capabilities.width?.max, capabilities.height?.max, capabilities.frameRate?.max], [settings.deviceId, 1280, 720, 30]);
  assert.deepEqual(constraints, { width: { ideal: 1280 }, frameRate: { max: 24 } });
  assert.deepEqual(seen.scaled, [640, 360]);
  assert.deepEqual(seen.constraintsNow, { width: { exact: 640 }, height: { exact: 360 } });
  assert.deepEqual(seen.refusals, ["OverconstrainedError width", "OverconstrainedError deviceId", "OverconstrainedError width"]);
  assert.deepEqual([seen.own, seen.kind, seen.muted, seen.state], [[], "[object MediaStreamTrack]", false, "live"]);
  assert.deepEqual([seen.labels, seen.ids], [["Gioconda", "Gioconda"], [settings.deviceId, settings.deviceId]]);
  await page.close();
});

test("a page that asks twice has two cameras; with the last one stopped nobody watches", async () => {
  const page = await open();
  const states = await page.evaluate(async () => {
    const streams = await Promise.all([1, 2].map(() => navigator.mediaDevices.getUserMedia({ video: true })));
    const [first, second] = streams.map((stream) => stream.getVideoTracks()[0]!);
    first!.stop();
    await new Promise((resolve) => setTimeout(resolve, 500));
    Object.assign(globalThis, { second });
    return [first!.readyState, second!.readyState, first!.id === second!.id];
  });
  assert.deepEqual(states, ["ended", "live", false]);
  const sitesShown = (): Promise<string> => popup.innerText("#sites");
  assert.match(await sitesShown(), new RegExp(address));
  await page.evaluate(() => (globalThis as unknown as { second: MediaStreamTrack }).second.stop());
  await popup.waitForFunction(() => document.querySelector("#sites")?.textContent === "none");
  assert.equal(await ask(page), "Gioconda", "and it may ask again");
  await page.close();
});

test("it is a device among the others, and the same after a reload", async () => {
  const page = await open();
  await ask(page);
  const listed = await page.evaluate(async () => {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const ours = devices.find(({ label }) => label === "Gioconda")!;
    const { kind, deviceId, groupId } = ours;
    return {
      kind, deviceId, groupId, prototype: ours instanceof InputDeviceInfo, own: Object.getOwnPropertyNames(ours), json: JSON.parse(JSON.stringify(ours)) as unknown,
      most: (ours as InputDeviceInfo).getCapabilities().width?.max, first: devices.filter((device) => device.kind === "videoinput").indexOf(ours),
    };
  });
  const { kind, deviceId, groupId } = listed;
  assert.deepEqual([kind, listed.prototype, listed.own, listed.most, listed.first], ["videoinput", true, [], 1280, 0]);
  assert.deepEqual(listed.json, { deviceId, kind, label: "Gioconda", groupId });
  await page.reload();
  await ask(page);
  assert.equal(await ourId(page), deviceId);
  await page.goto(`${other}/`);
  await ask(page);
  assert.notEqual(await ourId(page), deviceId, "another site sees another id");
  await page.close();
});

test("devices are picked in every form; who names another gets that", async () => {
  const page = await open();
  await ask(page);
  const id = await ourId(page);
  const real = await page.evaluate(async () => (await navigator.mediaDevices.enumerateDevices()).find(({ kind, label }) => kind === "videoinput" && label !== "Gioconda")?.deviceId ?? "");
  for (const [wish, want] of [
    [{ deviceId: id }, "Gioconda"], [{ deviceId: { exact: id } }, "Gioconda"], [{ deviceId: { ideal: id } }, "Gioconda"], [{ deviceId: [id] }, "Gioconda"],
    [{ deviceId: { exact: [id, real] } }, "Gioconda"], [{ deviceId: "" }, "Gioconda"], [{ facingMode: "user" }, "Gioconda"],
    [{ deviceId: { exact: "nobody" } }, "OverconstrainedError deviceId"],
  ] as const) {
    assert.equal(await ask(page, wish), want, JSON.stringify(wish));
  }
  for (const wish of [{ deviceId: { exact: real } }, { deviceId: real }]) assert.match(await ask(page, wish), /fake|mjpeg/i, JSON.stringify(wish));
  // As Meet did for long, and as it asks for a screen.
  const legacy = await page.evaluate(async (sourceId) => {
    type Old = (constraints: object, onStream: (stream: MediaStream) => void, onError: (error: Error) => void) => void;
    const old = (video: object): Promise<string> => new Promise((resolve) => {
      const { webkitGetUserMedia } = Navigator.prototype as unknown as { webkitGetUserMedia: Old };
      webkitGetUserMedia.call(navigator, { video }, (stream) => resolve(stream.getVideoTracks()[0]!.label), (error) => resolve(error.name));
    });
    return [await old({ mandatory: { sourceId, minWidth: 640 } }), await old({ mandatory: { chromeMediaSource: "desktop", chromeMediaSourceId: "none" } })];
  }, id);
  assert.equal(legacy[0], "Gioconda");
  assert.notEqual(legacy[1], "Gioconda");
  await page.close();
});

test("what is patched looks like the browser's", async () => {
  const page = await open();
  const looks = await page.evaluate(() => {
    const fresh = document.body.appendChild(document.createElement("iframe")).contentWindow as unknown as { Function: FunctionConstructor };
    const methods = [[MediaStreamTrack.prototype, "getSettings"], [Function.prototype, "toString"]].map(([of, name]) => Reflect.get(of as object, name as string) as unknown);
    const source = (f: unknown): string[] => [Function.prototype.toString.call(f), fresh.Function.prototype.toString.call(f)];
    const { getUserMedia, enumerateDevices, getDisplayMedia } = MediaDevices.prototype as unknown as Record<"getUserMedia" | "enumerateDevices" | "getDisplayMedia", () => void>;
    const label = Object.getOwnPropertyDescriptor(MediaStreamTrack.prototype, "label") as { get: unknown };
    return {
      own: Object.getOwnPropertyNames(navigator.mediaDevices), names: [getUserMedia.name, getUserMedia.length, enumerateDevices.name, enumerateDevices.length],
      sources: [getUserMedia, enumerateDevices, getDisplayMedia, ...methods].map((f: unknown) => source(f)),
      label: source(label.get)[0],
      construct: (() => {
        try {
          return Reflect.construct(getUserMedia, []) as unknown;
        } catch (error) {
          return (error as Error).name;
        }
      })(),
    };
  });
  assert.deepEqual(looks.own, []);
  assert.deepEqual(looks.names, ["getUserMedia", 0, "enumerateDevices", 0]);
  const names = ["getUserMedia", "enumerateDevices", "getDisplayMedia", "getSettings", "toString"];
  looks.sources.forEach(([here, there], i) => {
    assert.equal(here, `function ${names[i]}() { [native code] }`);
    assert.match(there ?? "", /\{ \[native code\] \}$/);
  });
  assert.equal(looks.label, "function get label() { [native code] }");
  assert.equal(looks.construct, "TypeError");
  assert.equal(await page.evaluate(() => navigator.mediaDevices.getUserMedia().catch((error: unknown) => (error as Error).name)), "TypeError");
  await page.close();
});

test("it is there before a page's first script, and under the strictest rules", async () => {
  const early = await open("/early");
  assert.equal(await early.evaluate(async () => (await (globalThis as unknown as { early: Promise<MediaStream> }).early).getVideoTracks()[0]!.label), "Gioconda");
  await early.close();
  const strict = await open("/strict");
  assert.equal(await ask(strict), "Gioconda");
  await strict.close();
});

test("frames of every kind have it, where whoever frames them lets them", async () => {
  const page = await open(`/frames?other=${encodeURIComponent(other)}`);
  for (const [name, want] of [["same", "Gioconda"], ["cross", "Gioconda"], ["refused", "NotAllowedError"], ["srcdoc", "Gioconda"], ["blob", "Gioconda"], ["blank", "Gioconda"]]) {
    const frame = page.frame({ name: name! });
    assert.ok(frame, name);
    await frame.waitForLoadState();
    assert.equal(await ask(frame), want, name);
  }
  await page.close();
});

test("switched off it is unplugged, and the page has its real camera", async () => {
  const page = await open();
  await page.evaluate(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true });
    const heard: string[] = [];
    navigator.mediaDevices.addEventListener("devicechange", () => heard.push("devicechange"));
    stream.getVideoTracks()[0]!.onended = () => heard.push("ended");
    Object.assign(globalThis, { heard, stream });
  });
  await popup.click("#on");
  await page.waitForFunction(() => (globalThis as unknown as { heard: string[] }).heard.length === 2);
  assert.equal(await page.evaluate(() => (globalThis as unknown as { stream: MediaStream }).stream.getVideoTracks()[0]!.readyState), "ended");
  assert.equal(await ourId(page), "");
  assert.match(await ask(page), /fake|mjpeg/i);
  await popup.click("#on");
  await popup.waitForSelector("#on[aria-pressed=true]");
  assert.equal(await ask(page), "Gioconda");
  await page.close();
});

test("the server's own page has the real camera", async () => {
  const page = await context.newPage();
  await page.goto(server.address);
  assert.match(await ask(page), /fake|mjpeg/i);
  await page.close();
});
