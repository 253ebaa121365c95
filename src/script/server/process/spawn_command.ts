import { readFileSync } from "node:fs";
import { childEnvironment } from "../../../process/child_environment.ts";
import { ENGINE_VARIABLE, engineFile, SCRIPT_STACK_VARIABLE } from "../../wire/host_variables.ts";
import { tethered } from "../../../process/parent_tether.ts";
import { runtime } from "../../../process/runtime.ts";
import { selfCommand } from "../../../process/self_command.ts";

/** How the process of a script host is started. */
export interface SpawnCommand {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
}

/** Stack that a system usually gives the main thread of a process, bytes. */
const USUAL_STACK_BYTES = 8 * 1024 * 1024;
/**
 * Native stack of a script host's engine, bytes; the rest of the usual one is left to what the runtimes don't count. It is not
 * used up before the scripts' own stack is, whatever recurses (docs/decisions/0004-engine.md, "Stack").
 */
const NATIVE_STACK_BYTES = 7 * 1024 * 1024;
/** What scripts may use of QuickJS's stack with that, bytes. */
const SCRIPT_STACK_BYTES = 128 * 1024;

/**
 * JavaScriptCore's options for many instances of one WebAssembly module. By default the bounds of eight memories are checked
 * for free; with more the code is compiled anew, and making one collects garbage first. And the last compiler, which takes
 * long over QuickJS's main function, leaves the thread to the one before it while a process starts
 * (docs/decisions/0006-start.md).
 */
const JAVASCRIPTCORE_OPTIONS = {
  BUN_JSC_maxNumWasmFastMemories: "1000",
  BUN_JSC_thresholdForOMGOptimizeAfterWarmUp: "500000",
};

/** Returns the environment of a script host, cut down from `from`; `isRoomy` says that it has the usual stack at least. */
export function hostEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  isRoomy = systemStack() >= USUAL_STACK_BYTES,
): Record<string, string> {
  const env: Record<string, string> = { ...childEnvironment(from), ...JAVASCRIPTCORE_OPTIONS };
  if (isRoomy) {
    env.BUN_JSC_maxPerThreadStackUsage = String(NATIVE_STACK_BYTES);
    env[SCRIPT_STACK_VARIABLE] = String(SCRIPT_STACK_BYTES);
  }
  return env;
}

/** Returns the stack of the main thread of a process that is started from here, bytes; 0 if that is not known. */
function systemStack(): number {
  if (process.platform === "darwin") return USUAL_STACK_BYTES;
  try {
    const [, soft] = /^Max stack size +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft ?? 0);
  } catch {
    return 0;
  }
}

/** Returns the command that starts this same program as a script host, on the same runtime, with the fewest rights. */
export function spawnCommand(): SpawnCommand {
  const env = hostEnvironment(process.env);
  if (runtime === "deno") env[ENGINE_VARIABLE] = String(engineFile());
  // On Deno it may read the engine and two variables: no other file, no network, no program.
  const variables = `${SCRIPT_STACK_VARIABLE},${ENGINE_VARIABLE}`;
  const flags = [`--allow-read=${env[ENGINE_VARIABLE]?.replaceAll(",", ",,")}`, `--allow-env=${variables}`];
  if (SCRIPT_STACK_VARIABLE in env) flags.push(`--v8-flags=--stack-size=${NATIVE_STACK_BYTES / 1024}`);
  return { command: tethered(selfCommand("script-host", flags)), env };
}
