/** The STUN and TURN servers in the Link headers of a WHEP answer. */
export function iceServers(header: string | null): RTCIceServer[] {
  const servers: RTCIceServer[] = [];
  for (const [, urls, rest] of (header ?? "").matchAll(/<([^>]*)>((?:\s*;\s*[a-z-]+="(?:[^"\\]|\\.)*")*)/g)) {
    if (!urls) continue;
    const params = new Map<string, string>();
    for (const [, key, value] of (rest ?? "").matchAll(/;\s*([a-z-]+)="((?:[^"\\]|\\.)*)"/g)) {
      if (key) params.set(key, (value ?? "").replace(/\\(.)/g, "$1"));
    }
    if (params.get("rel") !== "ice-server") continue;
    const username = params.get("username");
    const credential = params.get("credential");
    servers.push(username && credential ? { urls, username, credential } : { urls });
  }
  return servers;
}
