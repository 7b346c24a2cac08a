/** Opens the microphone and says in plain words why it does not open. */
import { Problem } from "../common/problem";
import { isNamed, mediaDevices } from "./devices";

/** Opens the microphone with this device id, or the browser's choice for an empty one. The echo of a call is taken out. */
export async function openMicrophone(deviceId: string): Promise<MediaStreamTrack> {
  const devices = mediaDevices();
  if (!devices) {
    throw new Problem("insecure", isSecureContext
      ? "This browser gives no page a microphone; try a current Chrome, Firefox, Safari or Edge."
      : "Browsers give the microphone only to secure pages; open this one over https or as http://localhost.");
  }
  const audio: MediaTrackConstraints = {
    echoCancellation: true, noiseSuppression: true, autoGainControl: true,
    ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
  };
  try {
    const [track] = (await devices.getUserMedia({ audio, video: false })).getAudioTracks();
    if (track) return track;
  } catch (error) {
    // The remembered microphone was unplugged: any other will do.
    if (deviceId && isNamed(error, "OverconstrainedError", "NotFoundError")) return openMicrophone("");
    throw explain(error);
  }
  throw explain(null);
}

function explain(error: unknown): Problem {
  if (isNamed(error, "NotAllowedError", "SecurityError")) {
    return new Problem("denied", "The microphone is blocked for this page; allow it beside the address, then switch it on again.");
  }
  if (isNamed(error, "NotFoundError", "OverconstrainedError")) {
    return new Problem("no_microphone", "No microphone was found; the portrait goes on without sound.");
  }
  if (isNamed(error, "NotReadableError", "AbortError")) {
    return new Problem("busy", "Another program holds the microphone; close it there, then switch it on again.");
  }
  return new Problem("microphone", "The microphone did not start; reload the page and try once more.");
}
