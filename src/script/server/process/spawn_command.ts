import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "../../../process/child_environment.ts";
import { isExecutable } from "../../../process/executable.ts";
import { ENGINE_VARIABLE, engineFile, SCRIPT_STACK_VARIABLE } from "../../wire/host_variables.ts";
import { tethered } from "../../../process/parent_tether.ts";

/** How a script host process is started. */
export interface SpawnCommand {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The stack that a system gives a process's main thread, unless it is told otherwise. */
const SYSTEM_STACK = 8 * 1024 * 1024;
/**
 * Native stack of a script host's engine, bytes: what is above it is left to what the runtimes don't count. Measured on
 * Bun 1.4.5 and Deno 2.9.6 with 80 kinds of recursion, of which nested JSON is the greediest (51 bytes of native stack for
 * one of QuickJS's in JavaScriptCore's first compiler): with this the scripts' 128 KB are used up before the native stack
 * on both, with each of the runtimes' compilers; 144 KB are not. QuickJS stacks of 2000 KB, which overflow the native one,
 * still give an error of the runtime and no crash.
 */
const STACK = 7 * 1024 * 1024;
/** What scripts may use of QuickJS's stack with it, bytes. */
const SCRIPT_STACK = 128 * 1024;

/**
 * JavaScriptCore's options for many instances of one WebAssembly module, measured on Bun 1.4.5. By default the bounds of
 * eight memories are checked for free; those beyond them run other code, compiled anew, and whoever makes one collects
 * garbage first: one more sandbox beside 300 took 6.2 ms, and takes 2.2. And the last compiler, which is long over QuickJS's
 * main function, leaves the thread to the one before it while a process starts. Ten applications started 60 ms earlier.
 */
const OPTIONS = {
  BUN_JSC_maxNumWasmFastMemories: "1000",
  BUN_JSC_thresholdForOMGOptimizeAfterWarmUp: "500000",
};

/** The environment of a script host, cut down from `from`; `isRoomy` says that the system's stack is the usual one. */
export function hostEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  isRoomy = systemStack() >= SYSTEM_STACK,
): Record<string, string> {
  const env: Record<string, string> = { ...childEnvironment(from), ...OPTIONS };
  if (isRoomy) {
    env.BUN_JSC_maxPerThreadStackUsage = String(STACK);
    env[SCRIPT_STACK_VARIABLE] = String(SCRIPT_STACK);
  }
  return env;
}

/** What this system gives the main thread of a process started from here, bytes; 0 where that is not known to be enough. */
function systemStack(): number {
  if (process.platform === "darwin") return SYSTEM_STACK;
  try {
    const [, soft] = /^Max stack size +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft ?? 0);
  } catch {
    return 0;
  }
}

/** Starts this same program as a script host, on the runtime that runs the server, with the least rights. */
export function spawnCommand(): SpawnCommand {
  const env = hostEnvironment(process.env);
  if (process.versions.deno) env[ENGINE_VARIABLE] = String(engineFile());
  return { command: tethered(untethered(env)), env };
}

function untethered(env: Readonly<Record<string, string>>): readonly string[] {
  const { execPath } = process;
  if (isExecutable()) return [execPath, "script-host"];
  const program = fileURLToPath(new URL("../../../../mod.ts", import.meta.url));
  if (process.versions.bun) return [execPath, "--no-env-file", "run", program, "script-host"];
  // It may read the engine and two variables: no other file, no network, no program. Nothing is downloaded for it.
  const variables = `${SCRIPT_STACK_VARIABLE},${ENGINE_VARIABLE}`;
  const rights = [`--allow-read=${env[ENGINE_VARIABLE]?.replaceAll(",", ",,")}`, `--allow-env=${variables}`];
  const flags = ["-q", "--no-prompt", "--cached-only", ...rights];
  if (SCRIPT_STACK_VARIABLE in env) flags.push(`--v8-flags=--stack-size=${STACK / 1024}`);
  return [execPath, "run", ...flags, program, "script-host"];
}
