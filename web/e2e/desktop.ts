/** A screen without a monitor, with a window manager: there browsers have windows that can be covered and minimised. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { pause } from "./harness";

const SIZE = { width: 1400, height: 1000 };

export class Desktop {
  private constructor(readonly display: string, private readonly children: ChildProcess[]) {}

  /** What the machine lacks for a desktop; empty where it has all. */
  static lacks(): string[] {
    return ["Xvfb", "pekwm"].filter((program) => spawnSync("which", [program]).status !== 0);
  }

  /** folder is for the window manager's settings. */
  static async start(folder: string): Promise<Desktop> {
    const screen = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", `${SIZE.width}x${SIZE.height}x24`, "-nolisten", "tcp"],
      { stdio: ["ignore", "pipe", "ignore"] });
    const number = await new Promise<string>((resolve, reject) => {
      screen.stdout.once("data", (text) => resolve(String(text).trim()));
      screen.once("exit", () => reject(new Error("Xvfb did not start")));
    });
    const display = `:${number}`;
    const manager = spawn("pekwm", [], { stdio: "ignore", env: { ...process.env, DISPLAY: display, HOME: folder } });
    await pause(500); // it says nothing once it is there
    return new Desktop(display, [manager, screen]);
  }

  close(): void {
    for (const child of this.children) child.kill();
  }
}
