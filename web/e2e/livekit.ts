/** A livekit-server of the tests' own. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, pause } from "./harness";

const KEY = "devkey", SECRET = "0123456789abcdef0123456789abcdef";

export class LiveKit {
  private log = "";

  private constructor(private readonly child: ChildProcess, private readonly port: number) {}

  /** program is the server, folder is for its settings. */
  static async start(program: string, folder: string): Promise<LiveKit> {
    const [port, udp, tcp] = [await freePort(), await freePort(), await freePort()];
    const settings = join(folder, "livekit.yaml");
    writeFileSync(settings, `
port: ${port}
bind_addresses: [127.0.0.1]
rtc: {udp_port: ${udp}, tcp_port: ${tcp}, use_external_ip: false, enable_loopback_candidate: true, interfaces: {includes: [lo]}}
keys: {${KEY}: ${SECRET}}
`);
    const child = spawn(program, ["--config", settings], { stdio: ["ignore", "pipe", "pipe"] });
    const server = new LiveKit(child, port);
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (server.log += String(text)));
    for (let i = 0; i < 100 && child.exitCode === null; i++) {
      if ((await fetch(`http://127.0.0.1:${port}/`).catch(() => null))?.ok) return server;
      await pause(200);
    }
    throw new Error(`livekit-server did not come up:\n${server.log}`);
  }

  get address(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Lets somebody into the room "hall" for an hour. */
  token(identity: string): string {
    const now = Math.floor(Date.now() / 1000);
    const encode = (what: object): string => Buffer.from(JSON.stringify(what)).toString("base64url");
    const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({
      iss: KEY, sub: identity, nbf: now - 60, exp: now + 3600, video: { room: "hall", roomJoin: true, canPublish: true, canSubscribe: true },
    })}`;
    return `${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await ended;
  }
}
