import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameSource } from "./source";

class Frame {
  closed = false;
  constructor(readonly timestamp: number) {}
  close(): void {
    this.closed = true;
  }
}

/** A stream that the test feeds. */
function pipe(): { frames: ReadableStream<VideoFrame>; feed: ReadableStreamDefaultController<VideoFrame> } {
  let feed: ReadableStreamDefaultController<VideoFrame> | undefined;
  const frames = new ReadableStream<VideoFrame>({ start: (to) => { feed = to; } });
  return { frames, feed: feed! };
}

function listening(): { source: FrameSource; seen: unknown[]; told: string[] } {
  const seen: unknown[] = [];
  const told: string[] = [];
  const source = new FrameSource({
    onFrame: (frame) => seen.push(frame), onTick: () => told.push("tick"), onFrameless: () => told.push("frameless"),
  });
  return { source, seen, told };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("frames of a stream arrive until another source takes its place", async () => {
  const { source, seen, told } = listening();
  const one = pipe(), two = pipe();
  source.useStream(one.frames);
  one.feed.enqueue(new Frame(0) as unknown as VideoFrame);
  await settled();
  source.useStream(two.frames);
  await settled();
  two.feed.enqueue(new Frame(5) as unknown as VideoFrame);
  await settled();
  assert.deepEqual(seen.map((frame) => (frame as Frame).timestamp), [0, 5]);
  assert.deepEqual(told, []);
});

test("frames on their way when the source stops or changes are closed, and nobody sees them", async () => {
  for (const end of [(source: FrameSource) => source.stop(), (source: FrameSource) => source.useStream(pipe().frames)]) {
    const { source, seen, told } = listening();
    const { frames, feed } = pipe();
    const [seenOne, buffered, late] = [new Frame(0), new Frame(1), new Frame(2)];
    source.useStream(frames);
    feed.enqueue(seenOne as unknown as VideoFrame);
    await settled();
    feed.enqueue(buffered as unknown as VideoFrame);
    end(source);
    await settled();
    feed.enqueue(late as unknown as VideoFrame);
    feed.close();
    await settled();
    assert.deepEqual(seen, [seenOne]);
    assert.deepEqual([seenOne.closed, buffered.closed, late.closed], [false, true, true]);
    assert.deepEqual(told, []);
  }
});

test("a stream that breaks is told, one that ends is not", async () => {
  const { source, told } = listening();
  const ending = pipe(), breaking = pipe();
  source.useStream(ending.frames);
  ending.feed.close();
  await settled();
  assert.deepEqual(told, []);
  source.useStream(breaking.frames);
  breaking.feed.error(new Error("gone"));
  await settled();
  assert.deepEqual(told, ["frameless"]);
});

test("a track is read where the thread can, and is ended with the source", async (t) => {
  const { source, seen, told } = listening();
  let ended = 0;
  const track = { stop: () => ended++ } as unknown as MediaStreamTrack;
  source.useTrack(track);
  assert.deepEqual([told, ended], [["frameless"], 1], "no processor in this thread");
  const { frames, feed } = pipe();
  const scope = globalThis as { MediaStreamTrackProcessor?: unknown };
  scope.MediaStreamTrackProcessor = class {
    readonly readable = frames;
  };
  t.after(() => delete scope.MediaStreamTrackProcessor);
  source.useTrack(track);
  feed.enqueue(new Frame(1) as unknown as VideoFrame);
  await settled();
  assert.equal(seen.length, 1);
  source.stop();
  assert.equal(ended, 2);
});

test("ticks come at more than a camera's rate, and end", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const { source, told } = listening();
  source.useTicks();
  t.mock.timers.tick(1000);
  assert.equal(told.length, 40);
  source.stop();
  t.mock.timers.tick(1000);
  assert.equal(told.length, 40);
});
