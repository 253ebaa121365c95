import * as v from "valibot";
import { isName, nameProblem } from "../../../protocol/names.ts";
import type { Application } from "../../application/application.ts";
import { HotroomError } from "../../errors.ts";
import type { JsonText } from "../../ports/event.ts";
import type { User } from "../../user/user.ts";

/** Rooms in one list: where the client says nothing, and at most. */
const USUAL_ROOMS = 100;
const MOST_ROOMS = 1000;

const requestSchema = v.object({
  type: v.optional(
    v.pipe(
      v.string(),
      v.check(isName, ({ input }) => nameProblem(input)),
    ),
  ),
  open: v.optional(v.boolean(), false),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_ROOMS)), USUAL_ROOMS),
  live: v.optional(v.boolean()),
});

/**
 * Returns the rooms that a user asks for as JSON, and tells it from now on what becomes of them, or no more, where the request says
 * so. Throws HotroomError: `invalid_data`, `room_type_not_found`.
 */
export function listRooms({ publicRooms, version }: Application, user: User, data: unknown): JsonText {
  const parsed = v.safeParse(requestSchema, data ?? {});
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    const message = `Cannot list the rooms: data${path ? `.${path}` : ""}: ${issue.message}`;
    throw new HotroomError("invalid_data", message);
  }
  const { type, open, limit, live } = parsed.output;
  // So the lists that can be followed are bounded.
  if (type !== undefined && !version.rooms.has(type) && !publicRooms.hasType(type))
    throw new HotroomError("room_type_not_found", `Cannot list the rooms: there is no type "${type}".`);
  if (live === true) publicRooms.follow(user, { type, open });
  else if (live === false) publicRooms.unfollow(user);
  return publicRooms.text({ type, open }, limit);
}
