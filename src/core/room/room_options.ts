import * as v from "valibot";
import { isLongerThan } from "../../protocol/frame.ts";
import { isName, nameProblem } from "../../protocol/names.ts";
import { HotroomError } from "../errors.ts";
import type { JsonText } from "../ports/event.ts";
import { MAX_PASSWORD_UNITS } from "./password.ts";

/** How a room is made. */
export interface RoomOptions {
  readonly type: string;
  /** Replaces the definition's limit; null for no limit. */
  readonly maxUsers?: number | null;
  /** Keeps the room when it is empty. */
  readonly keep?: boolean;
  /** Whether clients can't join. */
  readonly locked?: boolean;
  readonly password?: string;
  /** Keeps it out of lists and announcements. */
  readonly hidden?: boolean;
  /** What lists tell of it, JSON; null for nothing. */
  readonly meta?: unknown;
}

/** What is changed of a room: what is absent stays. */
export interface RoomUpdate {
  /** Null for no limit. */
  readonly maxUsers?: number | null;
  readonly locked?: boolean;
  readonly hidden?: boolean;
  /** Null for none. */
  readonly password?: string | null;
  /** Null for nothing. */
  readonly meta?: unknown;
}

/** Most that lists tell of a room in its own words, bytes of JSON. */
export const MAX_META_BYTES = 1024;

const maxUsersSchema = v.pipe(v.number(), v.integer(), v.minValue(1));
const passwordSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PASSWORD_UNITS));
const metaSchema = v.pipe(
  v.unknown(),
  v.check(
    (meta) => !isLongerThan(JSON.stringify(meta), MAX_META_BYTES),
    `Invalid length: Expected at most ${MAX_META_BYTES} bytes of JSON`,
  ),
);

const optionsSchema = v.object({
  type: v.optional(
    v.pipe(
      v.string(),
      v.check(isName, ({ input }) => nameProblem(input)),
    ),
  ),
  maxUsers: v.optional(maxUsersSchema),
  keep: v.optional(v.boolean()),
  password: v.optional(passwordSchema),
  hidden: v.optional(v.boolean()),
  meta: v.optional(metaSchema),
});

/** What scripts may say besides: a client could not join the room that it locks. */
export const scriptOptionsSchema = v.strictObject({
  ...optionsSchema.entries,
  maxUsers: v.optional(v.nullable(maxUsersSchema)),
  locked: v.optional(v.boolean()),
});

/** What may be changed of a room. */
export const updateSchema = v.strictObject({
  maxUsers: v.optional(v.nullable(maxUsersSchema)),
  locked: v.optional(v.boolean()),
  hidden: v.optional(v.boolean()),
  password: v.optional(v.nullable(passwordSchema)),
  meta: v.optional(metaSchema),
});

/** Returns how a room shall be made; `typeOf` fills a missing type in. Throws HotroomError `invalid_data` that names the key. */
export function checkRoomOptions(value: unknown, typeOf: (type: unknown) => string): RoomOptions {
  return checked(optionsSchema, value ?? {}, typeOf);
}

function checked(
  schema: typeof optionsSchema | typeof scriptOptionsSchema,
  value: unknown,
  typeOf: (type: unknown) => string,
): RoomOptions {
  const result = v.safeParse(schema, value);
  if (result.success) return { ...result.output, type: typeOf(result.output.type) };
  throw invalid("create the room: data", result.issues[0]);
}

function invalid(what: string, issue: v.BaseIssue<unknown>): HotroomError {
  const path = v.getDotPath(issue);
  return new HotroomError("invalid_data", `Cannot ${what}${path ? `.${path}` : ""}: ${issue.message}`);
}

/** Options as scripts write them, UTF-16 units: more than all of their values together take. */
const MAX_OPTIONS_UNITS = 4096;

/** Returns how a room shall be made, from what a script wrote. Throws as checkRoomOptions. */
export function parseRoomOptions(options: JsonText, typeOf: (type: unknown) => string): RoomOptions {
  return checked(scriptOptionsSchema, parsed("create", options), typeOf);
}

/** Returns what a script wants changed of a room. Throws HotroomError `invalid_data` that names the key. */
export function parseRoomUpdate(options: JsonText): RoomUpdate {
  const result = v.safeParse(updateSchema, parsed("update", options));
  if (result.success) return result.output;
  throw invalid("update the room: options", result.issues[0]);
}

function parsed(doing: string, options: JsonText): unknown {
  if (options.length <= MAX_OPTIONS_UNITS) return JSON.parse(options);
  const message = `Cannot ${doing} the room: its options are longer than ${MAX_OPTIONS_UNITS} characters.`;
  throw new HotroomError("invalid_data", message);
}

/** Returns the type that was asked for; where none was, the only one that there is. Throws HotroomError `invalid_data` where there are more. */
export function roomTypeOf(type: unknown, types: readonly string[]): string {
  if (typeof type === "string") return type;
  const [only, ...more] = types;
  if (only !== undefined && more.length === 0) return only;
  const list = types.map((each) => `"${each}"`).join(", ");
  throw new HotroomError(
    "invalid_data",
    `Cannot create the room: data.type must be one of ${list || "none"}.`,
  );
}
