/** What cameras and microphones have in common. */

/** Undefined on pages that are not secure, whatever lib.dom says. */
export function mediaDevices(): MediaDevices | undefined {
  return (navigator as Partial<Navigator>).mediaDevices;
}

/** Devices that the browser names; empty until one of their kind was allowed. */
export async function listDevices(wanted: "videoinput" | "audioinput"): Promise<MediaDeviceInfo[]> {
  const devices = await mediaDevices()?.enumerateDevices() ?? [];
  return devices.filter(({ kind, label }) => kind === wanted && label !== "");
}

export function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
