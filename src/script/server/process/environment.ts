import type { Build } from "../../../core/ports/build.ts";
import { counted } from "../../../core/text/counted.ts";
import { BuildError } from "../../../core/errors.ts";

/** UTF-16 units that the value of a variable may have which scripts are given. */
const MAX_VALUE_UNITS = 32 * 1024;

/** Bytes that RFC 7518 asks a secret for, by the last digits of an algorithm: whoever has a token can try shorter ones at home. */
const SECRET_BYTES: Readonly<Record<string, number>> = { "256": 32, "384": 48, "512": 64 };

/** What a version names that was kept before there was the setting. */
const none: string[] = [];

/** What says which variables an application has. */
type Named = Pick<Build, "settings" | "variables">;

/** Returns the variables that an application's settings name, and that are set; they are for its sandboxes alone. */
export function environmentOf(build: Named): Record<string, string> {
  const { env = none } = build.settings;
  return Object.fromEntries(
    env.flatMap((name) => {
      const value = variableOf(name, build);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Returns the variables that an application's settings name, and that are not set. */
export function unsetVariables(build: Named): string[] {
  const { env = none } = build.settings;
  return env.filter((name) => variableOf(name, build) === undefined);
}

/** Throws BuildError where the value of a variable is too long for scripts, or the one that has the secret of tokens can't be it. */
export function checkEnvironment(build: Named): void {
  const { secret, algorithms = [] } = build.settings.auth?.jwt ?? {};
  if (secret) checkSecret(secret.env, algorithms);
  for (const [name, { length }] of Object.entries(environmentOf(build))) {
    if (length <= MAX_VALUE_UNITS) continue;
    const most = `at most ${MAX_VALUE_UNITS} can be given to scripts`;
    throw new BuildError(`Cannot use the variable "${name}" (env): it has ${length} characters, ${most}.`);
  }
}

/** Throws BuildError where a variable is not set, or has a secret that is too short for one of the algorithms. */
function checkSecret(name: string, algorithms: readonly string[]): void {
  const what = `Cannot use the variable "${name}" (auth.jwt.secret)`;
  const size = Buffer.byteLength(process.env[name] ?? "");
  if (size === 0) throw new BuildError(`${what}: it is not set.`);
  for (const algorithm of algorithms) {
    const least = SECRET_BYTES[algorithm.slice(-3)] ?? 0;
    if (size >= least) continue;
    const rule = `${algorithm} needs at least ${least} (as of "openssl rand -hex ${least}")`;
    throw new BuildError(`${what}: it has ${counted(size, "byte")}, ${rule}.`);
  }
}

/** Returns the value of a variable; undefined where it is not set. */
function variableOf(name: string, { variables }: Named): string | undefined {
  if (variables && Object.hasOwn(variables, name)) return variables[name];
  const value: unknown = process.env[name];
  // What the runtime itself puts into the object of variables is none.
  return typeof value === "string" ? value : undefined;
}
