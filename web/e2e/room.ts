/** Runs inside a call's page: LiveKit's own client, used as its documentation says. */
import { type LocalTrackPublication, Room, RoomEvent, Track } from "livekit-client";

/** What the near side shows of itself. */
interface Own {
  label: string;
  /** Of the track, as LiveKit sees it, and of the camera that it thinks is chosen. */
  device: string | undefined;
  active: string | undefined;
  size: [number | undefined, number | undefined];
}

let room: Room | null = null;

async function join(address: string, token: string): Promise<void> {
  room = new Room();
  await room.connect(address, token);
}

function mine(): LocalTrackPublication | undefined {
  return room?.localParticipant.getTrackPublication(Track.Source.Camera);
}

/** Cameras by name, as LiveKit lists them for a menu. */
async function cameras(): Promise<Record<string, string>> {
  return Object.fromEntries((await Room.getLocalDevices("videoinput")).map(({ label, deviceId }) => [label, deviceId]));
}

/** Chooses a camera from the menu; false where LiveKit got another. */
async function choose(deviceId: string): Promise<boolean> {
  return await room?.switchActiveDevice("videoinput", deviceId) ?? false;
}

async function own(): Promise<Own> {
  const track = mine()?.videoTrack;
  const { width, height } = track?.mediaStreamTrack.getSettings() ?? {};
  return { label: track?.mediaStreamTrack.label ?? "", device: await track?.getDeviceId(), active: room?.getActiveDevice("videoinput"), size: [width, height] };
}

/** Joins to look and to listen; resolves with the identity of who is seen first, once there is a picture. */
async function watch(address: string, token: string): Promise<string> {
  const video = document.body.appendChild(document.createElement("video"));
  video.muted = video.autoplay = true;
  const far = new MediaStream();
  globalThis.call = { near: new MediaStream(), far, video };
  const visited = new Room();
  room = visited;
  const seen = new Promise<string>((resolve) => void visited.on(RoomEvent.TrackSubscribed, (track, _, { identity }) => {
    if (track.kind !== Track.Kind.Video) return;
    track.attach(video);
    video.requestVideoFrameCallback(() => resolve(identity));
  }));
  await visited.connect(address, token);
  return seen;
}

/** Sum of the sound's energy that was heard. */
async function heard(): Promise<number> {
  let energy = 0;
  for (const { audioTrackPublications } of room?.remoteParticipants.values() ?? []) {
    for (const { track } of audioTrackPublications.values()) {
      const report = await track?.getRTCStatsReport();
      report?.forEach((entry: { type: string; totalAudioEnergy?: number }) => {
        if (entry.type === "inbound-rtp") energy += entry.totalAudioEnergy ?? 0;
      });
    }
  }
  return energy;
}

async function setCamera(on: boolean): Promise<void> {
  await room?.localParticipant.setCameraEnabled(on);
}

async function setMicrophone(on: boolean): Promise<void> {
  await room?.localParticipant.setMicrophoneEnabled(on);
}

const hall = { join, cameras, choose, own, watch, heard, setCamera, setMicrophone };

export type Hall = typeof hall;
globalThis.hall = hall;
