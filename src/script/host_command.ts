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

/**
 * Native stack of a script host's engine, bytes: above the runtimes' own choice, below the 8 MB that the system gives a
 * main thread. Measured on Bun 1.4.5 and Deno 2.9.6 with deeply nested JSON, the greediest recursion: with this a
 * QuickJS stack of 128 KB stays catchable on both, without it Deno's does not; 192 KB overflows the host's on Bun.
 */
const STACK = 6 * 1024 * 1024;

/** The environment of a script host, cut down from `from`. */
export function hostEnvironment(from: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const env: Record<string, string> = { BUN_JSC_maxPerThreadStackUsage: String(STACK), NO_COLOR: "1" };
  for (const name of passed) {
    const value = from[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
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
  const flags = ["-A", "-q", "--no-prompt", `--v8-flags=--stack-size=${Math.floor(STACK / 1024)}`];
  return { command: [execPath, "run", ...flags, program, "script-host"], env };
}
