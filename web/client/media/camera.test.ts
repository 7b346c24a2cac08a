import assert from "node:assert/strict";
import { test } from "node:test";
import { openCamera } from "./camera";

test("a camera is asked for as many pictures a second as are drawn, also where another has to do", async (t) => {
  const asked: MediaTrackConstraints[] = [];
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: {
      mediaDevices: {
        getUserMedia: ({ video }: { video: MediaTrackConstraints }) => {
          asked.push(video);
          return "deviceId" in video ? Promise.reject(Object.assign(new Error(), { name: "NotFoundError" })) : Promise.resolve("stream");
        },
      },
    },
  });
  t.after(() => Reflect.deleteProperty(globalThis, "navigator"));
  assert.equal(await openCamera("unplugged", 60), "stream");
  assert.deepEqual(asked.map(({ frameRate }) => frameRate), [{ ideal: 60 }, { ideal: 60 }]);
});
