import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** How a script host process is started. */
export interface HostCommand {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a runtime needs of the environment to start; nothing else reaches the process that scripts run in. */
const passed = [
  "PATH",
  "HOME",
  "TMPDIR",
  "TMP",
  "TEMP",
  "TZ",
  "LANG",
  "SystemRoot",
  "USERPROFILE",
  "LOCALAPPDATA",
  "XDG_CACHE_HOME",
  "DENO_DIR",
  "BUN_INSTALL_CACHE_DIR",
  "BUN_RUNTIME_TRANSPILER_CACHE_PATH",
];

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

/** The variable that tells a script host how much of QuickJS's stack scripts may use, bytes. */
export const SCRIPT_STACK_VARIABLE = "HOTROOM_SCRIPT_STACK";

/** The environment of a script host, cut down from `from`; `isRoomy` says that the system's stack is the usual one. */
export function hostEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  isRoomy = systemStack() >= SYSTEM_STACK,
): Record<string, string> {
  const env: Record<string, string> = { NO_COLOR: "1" };
  if (isRoomy) {
    env.BUN_JSC_maxPerThreadStackUsage = String(STACK);
    env[SCRIPT_STACK_VARIABLE] = String(SCRIPT_STACK);
  }
  for (const name of passed) {
    const value = from[name];
    if (value !== undefined) env[name] = value;
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

/** Starts this same program as a script host, on the runtime that runs the server. */
export function hostCommand(): HostCommand {
  const env = hostEnvironment(process.env);
  const { execPath } = process;
  // In the compiled executable modules have addresses that only it can read.
  if (/\$bunfs|~BUN/.test(import.meta.url)) return { command: [execPath, "script-host"], env };
  const program = fileURLToPath(new URL("../../mod.ts", import.meta.url));
  if (process.versions.bun)
    return { command: [execPath, "--no-env-file", "run", program, "script-host"], env };
  const flags = ["-A", "-q", "--no-prompt"];
  if (SCRIPT_STACK_VARIABLE in env) flags.push(`--v8-flags=--stack-size=${STACK / 1024}`);
  return { command: [execPath, "run", ...flags, program, "script-host"], env };
}
