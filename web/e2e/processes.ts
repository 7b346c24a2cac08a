/** What the browsers of this test cost. */
import { readdirSync, readFileSync } from "node:fs";

/** Ticks of the kernel's clock a second, wherever Linux runs. */
const TICKS = 100;

/** Processor seconds that Chromium has used so far: all processes of it below this one. What a process that has ended used is not in it. */
export function chromiumSeconds(): number {
  const all = new Map<number, { parent: number; name: string; ticks: number }>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      // The name stands in brackets, and may hold any letter.
      const close = stat.lastIndexOf(")");
      const fields = stat.slice(close + 2).split(" ");
      all.set(Number(entry), { parent: Number(fields[1]), name: stat.slice(stat.indexOf("(") + 1, close), ticks: Number(fields[11]) + Number(fields[12]) });
    } catch {
      // It has ended meanwhile.
    }
  }
  const isOurs = (pid: number): boolean => pid === process.pid || (all.has(pid) && isOurs(all.get(pid)!.parent));
  let ticks = 0;
  for (const [pid, { name, ticks: used }] of all) if (name.startsWith("chrom") && isOurs(pid)) ticks += used;
  return ticks / TICKS;
}
