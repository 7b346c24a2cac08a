import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { CameraFrame } from "./pixels";
import { VideoFeed } from "./video";

interface Stage {
  feed: VideoFeed;
  /** The video calls for a frame. */
  call: () => void;
  offered: CameraFrame[];
  closed: () => number;
  pass: (millis: number) => void;
}

function stage(t: TestContext): Stage {
  const scope = globalThis as unknown as Record<string, unknown>;
  let now = 1000;
  let closed = 0;
  let callback: VideoFrameRequestCallback | null = null;
  t.mock.method(performance, "now", () => now);
  const put = (name: string, value: unknown): void => {
    scope[name] = value;
    t.after(() => Reflect.deleteProperty(scope, name));
  };
  put("HTMLMediaElement", { HAVE_CURRENT_DATA: 2 });
  put("VideoFrame", class {
    close(): void {
      closed++;
    }
  });
  const video = {
    readyState: 4,
    requestVideoFrameCallback: (then: VideoFrameRequestCallback) => {
      callback = then;
      return 1;
    },
    cancelVideoFrameCallback: () => (callback = null),
  } as unknown as HTMLVideoElement;
  const offered: CameraFrame[] = [];
  const feed = new VideoFeed(video, (frame) => offered.push(frame));
  return {
    feed, offered, closed: () => closed,
    call: () => callback?.(now, {} as VideoFrameCallbackMetadata),
    pass: (millis) => (now += millis),
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("the video's own callbacks count as long as they come, then ticks do", async (t) => {
  const { feed, call, offered, pass } = stage(t);
  call();
  await settled();
  feed.answered();
  pass(25);
  feed.tick();
  await settled();
  assert.equal(offered.length, 1, "a tick between two callbacks");
  for (let i = 0; i < 20; i++) {
    pass(25);
    feed.tick();
    await settled();
    feed.answered();
  }
  assert.ok(offered.slice(1).length > 14, `only ${offered.length} pictures in half a second without callbacks`);
});

test("one picture at a time, and none after the end", async (t) => {
  const { feed, call, offered, closed, pass } = stage(t);
  pass(1000);
  feed.tick();
  feed.tick();
  call();
  await settled();
  assert.equal(offered.length, 1);
  feed.answered();
  feed.tick();
  pass(1000);
  feed.tick();
  feed.stop();
  await settled();
  assert.equal(offered.length, 1);
  assert.equal(closed(), 1, "what was grabbed meanwhile is let go");
  call();
  await settled();
  assert.equal(offered.length, 1);
});
