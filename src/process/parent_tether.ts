import { spawnSync } from "node:child_process";
import { Worker } from "node:worker_threads";
import { childEnvironment } from "./child_environment.ts";

/** A program of util-linux: the kernel kills what it becomes once its parent has gone; and no program gives it more rights. */
const setpriv = ["setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--"];
/** How often a process that holds on by itself looks for its parent, ms. */
const LOOK = 250;

let isThere: boolean | undefined;

/**
 * The same command of this program, which can't outlive this process, whatever it does: the kernel sees to it, or else the
 * process is told to, by this one's id behind its name.
 */
export function tethered(command: readonly string[]): readonly string[] {
  if (process.platform === "linux") {
    // Looked for where the children will be: without a PATH it would be found in the system's own folders as well.
    const options = { stdio: "ignore", env: childEnvironment(process.env) } as const;
    isThere ??= spawnSync("setpriv", [...setpriv.slice(1), "true"], options).status === 0;
    if (isThere) return [...setpriv, ...command];
  }
  return [...command, String(process.pid)];
}

/**
 * Ends this process once `parent` is not its parent any more. A thread of its own looks, since the main one may be in code
 * that comes back to nobody; a signal to oneself takes no right on Deno. Measured: the call takes 4 ms on Bun 1.4.5 and
 * 40 ms on Deno 2.9.6, so it belongs behind what somebody waits for; the thread takes 6 and 11 MB. On Windows a parent stays
 * what it was, and nothing ends.
 */
export function holdOnTo(parent: number): void {
  const watch = `
    const process = require("node:process");
    setInterval(() => {
      if (process.ppid !== ${parent}) process.kill(process.pid, "SIGKILL");
    }, ${LOOK});`;
  new Worker(watch, { eval: true, env: {} }).unref();
}
