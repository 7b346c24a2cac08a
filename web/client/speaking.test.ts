import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Problem } from "./common/problem";
import { Speaking } from "./speaking";

class FakeElement {
  hidden = true;
  onclick: (() => void) | null = null;
  readonly attributes: Record<string, string> = {};

  setAttribute(name: string, value: string): void {
    this.attributes[name] = value;
  }
}

/** A microphone's track. */
class FakeTrack {
  stopped = false;
  onended: (() => void) | null = null;

  stop(): void {
    this.stopped = true;
  }
}

interface Stand {
  speaking: Speaking;
  /** Answers what the page asked the browser for last. */
  answer: (with_: FakeTrack | Error) => Promise<void>;
  asked: MediaTrackConstraints[];
  sent: unknown[];
  said: string[];
  pressed: () => string | undefined;
  note: FakeElement;
}

/** A page with a button, and a browser that the test speaks for. */
function stand(t: TestContext, device: () => string = () => ""): Stand {
  const button = new FakeElement(), note = new FakeElement();
  const asked: MediaTrackConstraints[] = [], sent: unknown[] = [], said: string[] = [];
  let settle: (with_: FakeTrack | Error) => void = () => assert.fail("nothing was asked for");
  const globals = {
    HTMLButtonElement: FakeElement, HTMLElement: FakeElement, isSecureContext: true,
    document: { getElementById: (id: string) => (id === "microphone" ? button : note) },
    navigator: {
      mediaDevices: {
        getUserMedia: ({ audio }: { audio: MediaTrackConstraints }) => new Promise((resolve, reject) => {
          asked.push(audio);
          settle = (with_) => {
            if (with_ instanceof Error) reject(with_);
            else resolve({ getAudioTracks: () => [with_] });
          };
        }),
      },
    },
  };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true });
  t.after(() => {
    for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
  });
  const speaking = new Speaking({
    microphone: device, send: (track) => sent.push(track), onOpen: () => said.push("open"),
    complain: (error) => said.push(error instanceof Problem ? error.code : String(error)), problem: (text) => said.push(text),
  });
  const answer = async (with_: FakeTrack | Error): Promise<void> => {
    settle(with_);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { speaking, answer, asked, sent, said, note, pressed: () => button.attributes["aria-pressed"] };
}

function failure(name: string): Error {
  return Object.assign(new Error(), { name });
}

test("the microphone is off at first, and off again lets the device go", async (t) => {
  const { speaking, answer, asked, sent, said, pressed, note } = stand(t);
  assert.deepEqual([asked.length, sent.length], [0, 0]);
  const track = new FakeTrack();
  speaking.toggle();
  await answer(track);
  assert.equal(asked[0]?.echoCancellation, true);
  assert.deepEqual([sent, said, pressed(), note.hidden], [[track], ["open"], "true", false]);
  speaking.toggle();
  assert.deepEqual([sent, pressed(), note.hidden, track.stopped], [[track, null], "false", true, true]);
});

test("what opens after it was switched off again is let go unheard", async (t) => {
  const { speaking, answer, sent, pressed } = stand(t);
  const track = new FakeTrack();
  speaking.toggle();
  speaking.toggle();
  await answer(track);
  assert.deepEqual([sent, pressed(), track.stopped], [[null], "false", true]);
});

test("an unplugged microphone is one sentence, and no sound", async (t) => {
  const { speaking, answer, sent, said, pressed } = stand(t);
  const track = new FakeTrack();
  speaking.toggle();
  await answer(track);
  track.onended?.();
  assert.deepEqual([sent.at(-1), pressed()], [null, "false"]);
  assert.match(said.at(-1) ?? "", /goes on without sound/);
  speaking.toggle();
  await answer(new FakeTrack());
  assert.equal(pressed(), "true");
});

test("another microphone takes the place of the first", async (t) => {
  let device = "one";
  const { speaking, answer, asked, sent } = stand(t, () => device);
  speaking.change();
  assert.equal(asked.length, 0, "an unused one is not opened");
  const one = new FakeTrack(), two = new FakeTrack();
  speaking.toggle();
  await answer(one);
  device = "two";
  speaking.change();
  await answer(two);
  one.onended?.();
  assert.deepEqual([sent, one.stopped, two.stopped], [[one, two], true, false]);
  assert.deepEqual(asked.map(({ deviceId }) => deviceId), [{ exact: "one" }, { exact: "two" }]);
});

test("why it does not open is said", async (t) => {
  let device = "";
  const { speaking, answer, asked, said, pressed } = stand(t, () => device);
  for (const [name, code] of [["NotAllowedError", "denied"], ["NotFoundError", "no_microphone"], ["NotReadableError", "busy"], ["Error", "microphone"]]) {
    speaking.toggle();
    await answer(failure(name!));
    assert.deepEqual([said.at(-1), pressed()], [code, "false"]);
  }
  device = "gone";
  speaking.toggle();
  await answer(failure("OverconstrainedError"));
  assert.equal(asked.at(-1)?.deviceId, undefined, "any other will do");
  await answer(new FakeTrack());
  assert.equal(pressed(), "true");
});
