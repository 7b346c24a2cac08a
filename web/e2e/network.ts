/**
 * A bad network between the server and a real browser: each in a network namespace of its own, joined by an emulator (package
 * rtc/rtctest/netem). It needs root, Linux and Go; where one of them is missing, open says so and gives null.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Browser } from "playwright-core";
import { freePort, launch, program, projectRoot, scratch } from "./harness";

const SERVER = "10.99.0.1";

export interface Counts {
  Packets: number;
  Bytes: number;
  Lost: number;
  Dropped: number;
}

export class Network {
  private readonly folder = scratch();
  private readonly spaces = [`gioconda-${process.pid}-s`, `gioconda-${process.pid}-c`] as const;
  private readonly devices = [`gs${process.pid}`, `gc${process.pid}`] as const;
  private emulator: ChildProcess | null = null;
  private answers: Interface | null = null;
  private server: ChildProcess | null = null;
  private log = "";

  static async open(): Promise<Network | null> {
    const network = new Network();
    try {
      await network.join();
      return network;
    } catch (error) {
      await network.close();
      console.log(`# SKIPPED: no bad network can be made here: ${String(error).split("\n")[0]}`);
      return null;
    }
  }

  private async join(): Promise<void> {
    const emulate = join(this.folder, "emulate");
    execFileSync("go", ["build", "-o", emulate, "./rtc/rtctest/netem/emulate"], { cwd: projectRoot });
    for (const space of this.spaces) execFileSync("ip", ["netns", "add", space], { stdio: "pipe" });
    this.emulator = spawn(emulate, [...this.devices], { stdio: ["pipe", "pipe", "inherit"] });
    this.answers = createInterface(this.emulator.stdout!);
    await this.answer();
    this.spaces.forEach((space, i) => {
      execFileSync("ip", ["link", "set", this.devices[i]!, "netns", space]);
      const within = ["netns", "exec", space, "ip"];
      execFileSync("ip", [...within, "addr", "add", `10.99.0.${i + 1}/24`, "dev", this.devices[i]!]);
      execFileSync("ip", [...within, "link", "set", this.devices[i]!, "mtu", "1500", "txqueuelen", "1000", "up"]);
      execFileSync("ip", [...within, "link", "set", "lo", "up"]);
    });
  }

  private answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.answers!.once("line", (line) => resolve(JSON.parse(line)));
      this.emulator!.once("exit", () => reject(new Error("the emulator has ended")));
    });
  }

  /** Changes the network: "down" (to the browser), "up" or "both", with what the emulator takes; gives what it has counted. */
  async set(command: string): Promise<{ down: Counts; up: Counts }> {
    this.emulator!.stdin!.write(`${command}\n`);
    return (await this.answer()) as { down: Counts; up: Counts };
  }

  /** Starts the server at its end; gives the address of the page, with a token. */
  async serve(settings: Record<string, string> = {}): Promise<string> {
    const env = {
      ...process.env, GIOCONDA_GALLERY_DIR: join(this.folder, "gallery"), GIOCONDA_PIPELINE_MAX_SESSIONS: "4",
      GIOCONDA_GENERATORS_USE: "mesh", GIOCONDA_WEB_TLS: "lan", ...settings,
    };
    const listen = `${SERVER}:${await freePort()}`;
    const token = execFileSync(program, ["token", "create", "--scope", "drive", "--expires", "1h"], {
      cwd: projectRoot, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    this.server = spawn("ip", ["netns", "exec", this.spaces[0], program, "serve", "--listen", listen], {
      cwd: projectRoot, env, stdio: ["ignore", "pipe", "pipe"],
    });
    const ready = new Promise<void>((resolve, reject) => {
      for (const stream of [this.server!.stdout, this.server!.stderr]) {
        stream!.on("data", (text) => {
          this.log += String(text);
          if (this.log.includes("is ready")) resolve();
        });
      }
      this.server!.once("exit", () => reject(new Error(`the server did not come up:\n${this.log}`)));
    });
    await ready;
    return `https://${listen}/?token=${token}`;
  }

  /** Chromium at the other end. */
  browser(): Promise<Browser> {
    const wrapper = join(this.folder, "chromium");
    writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${this.spaces[1]} ${process.env["CHROMIUM"] ?? "/usr/bin/chromium"} "$@"\n`);
    chmodSync(wrapper, 0o755);
    return launch(null, { executablePath: wrapper, also: ["--ignore-certificate-errors"] });
  }

  async close(): Promise<void> {
    for (const child of [this.server, this.emulator]) {
      if (child?.exitCode !== null) continue; // there is none, or it has ended
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    }
    for (const space of this.spaces) {
      try {
        execFileSync("ip", ["netns", "del", space], { stdio: "pipe" });
      } catch { /* it was not made */ }
    }
  }
}
