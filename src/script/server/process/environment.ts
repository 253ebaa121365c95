import type { Settings } from "../../../core/application/settings.ts";
import { BuildError } from "../../../core/errors.ts";

/** UTF-16 units that the value of a variable may have which scripts are given. */
const MAX_VALUE_UNITS = 32 * 1024;

/** What a version names that was kept before there was the setting. */
const none: string[] = [];

/** Returns the variables of this process that an application's settings name, and that are set; they are for its sandboxes alone. */
export function environmentOf({ env = none }: Settings): Record<string, string> {
  return Object.fromEntries(env.flatMap((name) => (isSet(name) ? [[name, process.env[name] ?? ""]] : [])));
}

/** Returns the variables that an application's settings name, and that are not set. */
export function unsetVariables({ env = none }: Settings): string[] {
  return env.filter((name) => !isSet(name));
}

/** Throws BuildError where the value of a variable is too long for scripts, or the one that has the secret of tokens is not set. */
export function checkEnvironment(settings: Settings): void {
  const secret = settings.auth?.jwt?.secret?.env;
  if (secret !== undefined && (process.env[secret] ?? "") === "")
    throw new BuildError(`Cannot use the variable "${secret}" (auth.jwt.secret): it is not set.`);
  for (const [name, { length }] of Object.entries(environmentOf(settings))) {
    if (length <= MAX_VALUE_UNITS) continue;
    const most = `at most ${MAX_VALUE_UNITS} can be given to scripts`;
    throw new BuildError(`Cannot use the variable "${name}" (env): it has ${length} characters, ${most}.`);
  }
}

/** What the runtime itself puts into the object of variables is none. */
function isSet(name: string): boolean {
  return typeof process.env[name] === "string";
}
