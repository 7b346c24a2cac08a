/** Reads what the server sends; anything else is nothing, so that messages of a later version are passed over. */
import {
  type Check, either, isBoolean, isNull, isNumber, isString, listOf, oneOf, optional, parse, recordOf, shape,
} from "../common/json";
import { type Fault, isFault } from "../common/problem";
import type {
  Answer, Candidate, ControlEvent, Description, FromServer, Nodes, Place, Redirect, Report, ReportFrame, ServerError, Welcome,
} from "./messages";

/** A websocket's address, and nothing that a page could be made to open instead. */
function isSocket(value: unknown): value is string {
  return isString(value) && /^wss?:\/\/[^/?#@\s]+\/ws$/.test(value);
}

const place = { node: isString, url: isSocket, token: optional(isString) };

const isFromServer: Check<FromServer> = either(
  shape<Welcome>({
    type: oneOf("welcome"), version: isNumber, session: isString, secret: isString, name: optional(isString), resumed: isBoolean, persona: isString,
    size: isNumber, generator: optional(isString), generator_note: optional(isString),
    rates: optional(listOf(isNumber)), rate: optional(isNumber), rate_note: optional(isString),
    node: optional(isString),
    iceServers: optional(either(isNull, listOf(shape<RTCIceServer>({
      urls: either(isString, listOf(isString)), username: optional(isString), credential: optional(isString),
    })))),
  }),
  shape<Description>({ type: oneOf("answer"), sdp: isString }),
  shape<Candidate>({
    type: oneOf("candidate"),
    candidate: either(isNull, shape<RTCIceCandidateInit>({
      candidate: optional(isString), sdpMid: optional(either(isString, isNull)), sdpMLineIndex: optional(either(isNumber, isNull)),
      usernameFragment: optional(either(isString, isNull)),
    })),
  }),
  shape<Redirect>({ type: oneOf("redirect"), from: isString, ...place }),
  shape<Nodes>({ type: oneOf("nodes"), nodes: listOf(shape<Place>(place)) }),
  shape<ServerError>({ type: oneOf("error"), code: isString, message: isString, fatal: optional(isBoolean), retry_after: optional(isNumber) }),
);

type Event<Name extends ControlEvent["event"]> = Extract<ControlEvent, { event: Name }>;

const isEvent: Check<ControlEvent> = either(
  shape<Event<"lost">>({ event: oneOf("lost") }),
  shape<Event<"found">>({ event: oneOf("found") }),
  shape<Event<"calibrated">>({ event: oneOf("calibrated"), auto: isBoolean }),
  shape<Event<"drift">>({ event: oneOf("drift"), degrees: optional(isNumber) }),
  shape<Event<"person">>({ event: oneOf("person") }),
  shape<Event<"persona">>({ event: oneOf("persona"), persona: isString }),
  shape<Event<"generator">>({ event: oneOf("generator"), generator: isString, generator_note: isString }),
  shape<Event<"rate">>({ event: oneOf("rate"), rate: isNumber, rate_note: isString }),
  shape<Event<"generator_fault">>({ event: oneOf("generator_fault"), message: optional(isString) }),
  shape<Event<"error">>({ event: oneOf("error"), code: isString, message: isString }),
);

const isEnvelope = shape<{ id: number; ok?: boolean; error?: Fault }>({
  id: isNumber, ok: optional(isBoolean), error: optional(isFault),
});

function isAnswer(value: unknown): value is Answer {
  return isEnvelope(value);
}

const isReport = shape<Report>({
  frames: listOf(shape<ReportFrame>({
    rtp: isNumber, seq: isNumber, sample: isBoolean, capture: isNumber, received: isNumber, taken: isNumber, retargeted: isNumber,
    drawn: optional(isNumber), generated: isNumber, encoded: isNumber, sent: isNumber, bytes: isNumber, key: isBoolean,
  })),
  drops: recordOf(isNumber), bitrate: isNumber, fps: isNumber, av: optional(isNumber),
});

/** A message of the websocket. */
export function parseSignal(text: string): FromServer | null {
  return parse(text, isFromServer);
}

/** A message of the control channel that nobody asked for. */
export function parseEvent(text: string): ControlEvent | null {
  return parse(text, isEvent);
}

/** A message of the control channel that answers a request. */
export function parseAnswer(text: string): Answer | null {
  return parse(text, isAnswer);
}

/** A message of the report channel. */
export function parseReport(text: string): Report | null {
  return parse(text, isReport);
}
