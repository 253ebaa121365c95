import { spawnSync } from "node:child_process";

/** A program of util-linux: the kernel kills what it becomes once its parent has gone; and no program gives it more rights. */
const setpriv = ["setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--"];

let isThere: boolean | undefined;

/**
 * The same command, which can't outlive this process where the system can see to it, whatever it does. Elsewhere a script
 * host ends with its input, and so not before it comes out of code that can't be interrupted.
 */
export function tethered(command: readonly string[]): readonly string[] {
  if (process.platform !== "linux") return command;
  isThere ??= spawnSync("setpriv", [...setpriv.slice(1), "true"], { stdio: "ignore", env: {} }).status === 0;
  return isThere ? [...setpriv, ...command] : command;
}
