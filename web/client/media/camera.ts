/** Opens the camera and says in plain words why it does not open. */
import { Problem } from "../common/problem";
import { isNamed, mediaDevices } from "./devices";

/** Pictures a second that every camera gives. */
export const USUAL_RATE = 30;

/** The constraint that asks for so many pictures a second, and never for fewer than every camera gives. */
export function ofRate(rate: number): MediaTrackConstraints {
  return { frameRate: { ideal: Math.max(rate, USUAL_RATE) } };
}

/** Opens the camera with this device id, or the browser's choice for an empty one. One that cannot give rate pictures a second gives what it can. */
export async function openCamera(deviceId: string, rate: number): Promise<MediaStream> {
  const devices = mediaDevices();
  if (!devices) {
    throw new Problem("insecure", isSecureContext
      ? "This browser gives no page a camera; try a current Chrome, Firefox, Safari or Edge."
      : "Browsers give the camera only to secure pages; open this one over https or as http://localhost.");
  }
  const video: MediaTrackConstraints = {
    width: { ideal: 640 }, height: { ideal: 480 }, ...ofRate(rate),
    ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: "user" }),
  };
  try {
    return await devices.getUserMedia({ video, audio: false });
  } catch (error) {
    // The remembered camera was unplugged: any other will do.
    if (deviceId && isNamed(error, "OverconstrainedError", "NotFoundError")) return openCamera("", rate);
    throw explain(error);
  }
}

function explain(error: unknown): Problem {
  if (isNamed(error, "NotAllowedError", "SecurityError")) {
    return new Problem("denied", "The camera is blocked for this page; allow it beside the address, then start again.");
  }
  if (isNamed(error, "NotFoundError", "OverconstrainedError")) {
    return new Problem("no_camera", "No camera was found; connect one, or play a performance instead.");
  }
  if (isNamed(error, "NotReadableError", "AbortError")) {
    return new Problem("busy", "Another program holds the camera; close it there, then start again.");
  }
  return new Problem("camera", "The camera did not start; reload the page and try once more.");
}
