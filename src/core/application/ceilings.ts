import * as v from "valibot";
import { isListed, prefixProblem } from "../fetch/url_prefix.ts";
import { limitsSchema, type Settings, sessionSchema, settingsSchema } from "./settings.ts";

type NumberKeys<Of> = { [Key in keyof Of]-?: Of[Key] extends number ? Key : never }[keyof Of];

/** Groups of an application's settings. */
const groups = ["limits", "session"] as const;

/** A key of an application's settings, limits or session whose value is a number. */
export type CeilingKey =
  | NumberKeys<Settings>
  | NumberKeys<Settings["limits"]>
  | NumberKeys<Settings["session"]>;

/** What of the machine the files of applications may name: their authors need not be whom it belongs to. */
interface Permits {
  /** Variables of the server's environment; `QUIZ_*` stands for all that begin so. Any without it. */
  readonly env?: readonly string[] | undefined;
  /** Prefixes of the addresses that scripts may fetch and keys may come from. Any without it. */
  readonly fetch?: readonly string[] | undefined;
}

/** Something in an application's file that names what the server does not permit. */
export interface Unpermitted {
  /** Keys that lead to it: `["env", 0]`. */
  readonly path: readonly (string | number)[];
  readonly value: string;
  readonly permitted: readonly string[];
}

const prefix = v.pipe(
  v.string(),
  v.check(
    (text) => prefixProblem(text) === undefined,
    ({ input }) => `Invalid prefix: ${prefixProblem(input)}`,
  ),
);

/** The entries of a schema for permits. */
const permitEntries = {
  env: v.optional(
    v.array(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z_][A-Za-z0-9_]*\*?$/, "Invalid name: as QUIZ_KEY, or QUIZ_* for all that begin so"),
      ),
    ),
  ),
  fetch: v.optional(v.array(prefix)),
};

/** The most that the file of an application may set, by key. A ceiling of 0 where 0 sets no limit is no ceiling. */
export type Ceilings = Readonly<Record<CeilingKey, number>> & Permits;

const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The ceilings of a server whose owner has set none; docs/OPERATIONS.md has a row for each. */
const defaultCeilings: Ceilings = {
  emptyGrace: DAY_MS,
  maxRooms: 100_000,
  roomsPerUser: 10_000,
  watchesPerUser: 10_000,
  sessionsPerUser: 100_000,
  maxUsers: 1_000_000,
  roomsPerSandbox: 1000,
  grace: DAY_MS,
  history: 10_000,
  historyBytes: 16 * MIB,
  cpuPerEvent: 1000,
  cpuHard: 2000,
  load: 5000,
  migrate: 5000,
  memory: 1024 * MIB,
  totalMemory: 4096 * MIB,
  message: 16 * MIB,
  output: 24 * MIB,
  effects: 10_000,
  schedules: 10_000,
  log: MIB,
  source: 4 * MIB,
  state: 16 * MIB,
  queue: 100_000,
  wait: 60_000,
  logRate: 10_000,
  logBytes: 4 * MIB,
  held: 4096 * MIB,
  cpuRate: 0,
  cpuBurst: 60_000,
};

/** Settings of which 0 means that there is no limit, which is more than any other value. */
const unlimitedAtZero: ReadonlySet<CeilingKey> = new Set(["cpuRate"]);

/** Keys of all ceilings, in the order of the documentation. */
export const ceilingKeys = Object.keys(defaultCeilings) as CeilingKey[];

/** Ceilings as the server's settings file writes them: each is what the setting itself may be. */
export const ceilingsSchema = v.strictObject({
  ...(Object.fromEntries(
    ceilingKeys.map((key) => [key, v.optional(numberSchema(key), defaultCeilings[key])]),
  ) as Record<CeilingKey, v.OptionalSchema<v.GenericSchema<number, number>, number>>),
  ...permitEntries,
});

/** Ceilings as an owner writes them. */
export type CeilingsInput = Partial<Ceilings>;

/** Returns ceilings with the defaults filled in. Throws ValiError at one that no application could set. */
export function ceilingsOf(input: CeilingsInput = {}): Ceilings {
  return v.parse(ceilingsSchema, input);
}

/** A value in an application's file that is over its ceiling. */
export interface OverCeiling {
  /** Keys that lead to it: `["limits", "cpuHard"]`. */
  readonly path: readonly string[];
  readonly value: number;
  readonly ceiling: number;
}

/** Returns what is over its ceiling among the values that a file has `written`; `settings` are those with the defaults filled in. */
export function overCeilings(settings: Settings, written: unknown, ceilings: Ceilings): OverCeiling[] {
  return overIn(settings, ceilings).filter(({ path }) => isWritten(written, path));
}

/** Returns the settings with each value that is over its ceiling, as a default may be, set to the ceiling. */
export function bounded(settings: Settings, ceilings: Ceilings): Settings {
  const all = { ...settings, limits: { ...settings.limits }, session: { ...settings.session } };
  for (const { path, ceiling } of overIn(settings, ceilings)) {
    const group = groups.find((name) => name === path.at(-2));
    Object.assign(group ? all[group] : all, { [path.at(-1) as string]: ceiling });
  }
  return all;
}

function overIn(settings: Settings, ceilings: Ceilings): OverCeiling[] {
  const all = [...valuesIn(settings), ...groups.flatMap((name) => valuesIn(settings[name], name))];
  return all.flatMap(({ path, key, value }) => {
    const ceiling = ceilings[key];
    return isOver(key, value, ceiling) ? [{ path, value, ceiling }] : [];
  });
}

/** Returns the values that have a ceiling, with the keys that lead to them. */
function valuesIn(group: object, ...owner: string[]) {
  const values = group as Record<string, number>;
  const keys = ceilingKeys.filter((key) => Object.hasOwn(values, key));
  return keys.map((key) => ({ path: [...owner, key], key, value: values[key] ?? 0 }));
}

function isOver(key: CeilingKey, value: number, ceiling: number): boolean {
  if (!unlimitedAtZero.has(key)) return value > ceiling;
  return ceiling > 0 && (value === 0 || value > ceiling);
}

function isWritten(file: unknown, path: readonly string[]): boolean {
  let value = file;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<string, unknown>)[key];
  }
  return true;
}

/** Returns the schema of a setting without its default. */
function numberSchema(key: CeilingKey): v.GenericSchema<number, number> {
  const entries: Record<string, unknown> = {
    ...settingsSchema.entries,
    ...limitsSchema.entries,
    ...sessionSchema.entries,
  };
  return (entries[key] as { wrapped: v.GenericSchema<number, number> }).wrapped;
}

/** Returns what the settings of an application name and may not. */
export function unpermitted({ env, fetch, auth }: Settings, permits: Permits): Unpermitted[] {
  const { secret, jwks } = auth.jwt ?? {};
  const variables = [
    ...env.map((value, index) => ({ path: ["env", index], value })),
    ...(secret ? [{ path: ["auth", "jwt", "secret", "env"], value: secret.env }] : []),
  ];
  const addresses = [
    ...fetch.map((value, index) => ({ path: ["fetch", index], value })),
    ...(jwks === undefined ? [] : [{ path: ["auth", "jwt", "jwks"], value: jwks }]),
  ];
  return [
    ...refused(variables, permits.env, isNamed),
    ...refused(addresses, permits.fetch, (value, permitted) => isListed(new URL(value), permitted)),
  ];
}

function refused(
  found: readonly Omit<Unpermitted, "permitted">[],
  permitted: readonly string[] | undefined,
  holds: (value: string, permitted: readonly string[]) => boolean,
): Unpermitted[] {
  if (permitted === undefined) return [];
  return found.flatMap((each) => (holds(each.value, permitted) ? [] : [{ ...each, permitted }]));
}

function isNamed(variable: string, permitted: readonly string[]): boolean {
  return permitted.some((name) =>
    name.endsWith("*") ? variable.startsWith(name.slice(0, -1)) : variable === name,
  );
}
