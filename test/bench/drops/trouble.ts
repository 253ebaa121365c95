import { readFileSync } from "node:fs";
import { processTree } from "../process_tree.ts";

/** So many of a kind, or one each so many ms where that is less often. */
const EDITS = { least: 5, every: 20_000 };
const KILLS = { least: 3, every: 33_000 };

/** What happens to a server meanwhile: its script is edited, and its script host killed; not again before all rooms are back. */
export class Trouble implements Disposable {
  edits = 0;
  kills = 0;
  readonly #timers: ReturnType<typeof setInterval>[];

  /** For so many ms; `edit` writes an edition of the script, `areBack` says whether the rooms are back. */
  constructor(pid: number, ms: number, edit: (edition: number) => void, areBack: () => Promise<boolean>) {
    const kill = async () => {
      if ((await areBack()) && killHost(pid)) this.kills++;
    };
    this.#timers = [
      setInterval(() => edit(++this.edits), pauseOf(EDITS, ms)),
      setInterval(kill, pauseOf(KILLS, ms)),
    ];
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

function pauseOf({ least, every }: typeof EDITS, ms: number): number {
  return Math.min(every, ms / (least + 1));
}

/** Kills the script host that has the rooms: the one that has used the most CPU time. Returns false where there is none. */
function killHost(pid: number): boolean {
  const hosts = processTree(pid).filter((child) => textOf(child, "cmdline").includes("script-host"));
  const busiest = hosts.toSorted((a, b) => ticksOf(b) - ticksOf(a))[0];
  if (busiest !== undefined) process.kill(busiest, "SIGKILL");
  return busiest !== undefined;
}

function ticksOf(pid: number): number {
  const stat = textOf(pid, "stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** A file of /proc; empty where the process has gone. */
function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
