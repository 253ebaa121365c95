/** Variables that a runtime needs to start; nothing else of the environment reaches the processes that the server starts. */
const passedOn = [
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

/** Returns the environment of a process that handles what is not trusted, cut down from the server's. */
export function childEnvironment(from: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const env: Record<string, string> = { NO_COLOR: "1" };
  for (const name of passedOn) {
    const value = from[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
