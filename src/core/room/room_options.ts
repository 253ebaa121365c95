import * as v from "valibot";
import { isName, nameProblem } from "../../protocol/names.ts";
import { HotroomError } from "../errors.ts";
import type { JsonText } from "../ports/event.ts";
import { MAX_PASSWORD_UNITS } from "./password.ts";

/** How a room is made. */
export interface RoomOptions {
  readonly type: string;
  /** Replaces the definition's limit. */
  readonly maxUsers?: number;
  /** Keeps the room when it is empty. */
  readonly keep?: boolean;
  readonly password?: string;
}

const optionsSchema = v.object({
  type: v.optional(
    v.pipe(
      v.string(),
      v.check(isName, ({ input }) => nameProblem(input)),
    ),
  ),
  maxUsers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  keep: v.optional(v.boolean()),
  password: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PASSWORD_UNITS))),
});

/** Returns how a room shall be made; `typeOf` fills a missing type in. Throws HotroomError `invalid_data` that names the key. */
export function checkRoomOptions(value: unknown, typeOf: (type: unknown) => string): RoomOptions {
  const result = v.safeParse(optionsSchema, value ?? {});
  if (result.success) return { ...result.output, type: typeOf(result.output.type) };
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new HotroomError(
    "invalid_data",
    `Cannot create the room: data${path ? `.${path}` : ""}: ${issue.message}`,
  );
}

/** Options as scripts write them, UTF-16 units: more than all of their values together take. */
const MAX_OPTIONS_UNITS = 4096;

/** Returns how a room shall be made, from what a script wrote. Throws as checkRoomOptions. */
export function parseRoomOptions(options: JsonText, typeOf: (type: unknown) => string): RoomOptions {
  if (options.length > MAX_OPTIONS_UNITS) {
    const message = `Cannot create the room: its options are longer than ${MAX_OPTIONS_UNITS} characters.`;
    throw new HotroomError("invalid_data", message);
  }
  return checkRoomOptions(JSON.parse(options), typeOf);
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
