import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TemporaryFolder } from "../folder.ts";

/** One line of `watcher_process.ts`. */
export interface Line {
  kind: "ready" | "log" | "added" | "changed" | "broken" | "removed";
  application?: string;
  version?: string;
  files?: Record<string, string>;
  error?: string;
  level?: string;
  message?: string;
  changes?: Line[];
}

const root = join(import.meta.dir, "../../..");
const deno = ["deno", "run", "-A", "--no-lock", "--node-modules-dir=manual"];

/** `watcher_process.ts`, on one of the runtimes. */
export class WatcherProcess {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private count = 0;

  constructor(runtime: "bun" | "deno", folder: string) {
    const program = join(root, "test/source/watch/watcher_process.ts");
    const strip = JSON.stringify([...deno, join(root, "mod.ts"), "strip-types"]);
    const [command = "", ...parameters] =
      runtime === "bun" ? ["bun", "run", program, folder] : [...deno, program, folder, strip];
    this.child = spawn(command, parameters, { stdio: ["pipe", "pipe", "inherit"] });
    if (!this.child.stdout) throw new Error("The process has no output.");
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** What it says next; waits for it. */
  async next(): Promise<Line> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error("The watcher has ended.");
    return JSON.parse(value) as Line;
  }

  /** What it says before an application that is added now: nothing where all was reported already. */
  async quiet(folder: TemporaryFolder): Promise<Line[]> {
    const name = `marker${++this.count}`;
    folder.write({ [`${name}.js`]: "1" });
    const before: Line[] = [];
    for (;;) {
      const line = await this.next();
      if (line.application === name) return before;
      before.push(line);
    }
  }

  /** Does several things to files with no time between them for the watcher, however long this process has to wait for a core meanwhile. */
  atOnce(act: () => void): void {
    this.child.kill("SIGSTOP");
    try {
      act();
    } finally {
      this.child.kill("SIGCONT");
    }
  }

  async end(): Promise<void> {
    this.child.stdin?.end();
    if (this.child.exitCode === null) await once(this.child, "exit");
  }
}
