import { spawnSync } from "node:child_process";
import { Worker } from "node:worker_threads";
import { childEnvironment } from "./child_environment.ts";

/** A program of util-linux: the kernel kills what it becomes once its parent has gone, and no program gives that more rights. */
const setpriv = ["setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--"];
/** How often a process without setpriv checks that its parent is there, ms. */
const PARENT_CHECK_MS = 250;

let hasSetpriv: boolean | undefined;

/**
 * Returns a command of this program as one that can't outlive this process, whatever it does: the kernel sees to that, or else
 * the child itself, which gets this process's id as its last argument (`holdOnTo`).
 */
export function tethered(command: readonly string[]): readonly string[] {
  if (process.platform === "linux") {
    // Looked for with the environment of the children: with another PATH it might be found here and not there.
    const options = { stdio: "ignore", env: childEnvironment(process.env) } as const;
    hasSetpriv ??= spawnSync("setpriv", [...setpriv.slice(1), "true"], options).status === 0;
    if (hasSetpriv) return [...setpriv, ...command];
  }
  return [...command, String(process.pid)];
}

/**
 * Ends this process once `parent` (a process id) is not its parent any more. A thread of its own checks that, since the main
 * one may be in code that never returns. To start the thread takes long (docs/decisions/0006-start.md): call it after what
 * somebody waits for. On Windows a process keeps its parent's id, and nothing ends.
 */
export function holdOnTo(parent: number): void {
  const watch = `
    const process = require("node:process");
    setInterval(() => {
      if (process.ppid !== ${parent}) process.kill(process.pid, "SIGKILL");
    }, ${PARENT_CHECK_MS});`;
  new Worker(watch, { eval: true, env: {} }).unref();
}
