import * as v from "valibot";
import { count, data, time } from "./words.ts";

const listed = {
  id: v.string(),
  name: v.string(),
  connected: v.pipe(v.boolean(), v.description("Whether there is a connection; without one it is away.")),
  rooms: v.pipe(v.array(v.string()), v.description("The first 100 of its rooms; `roomCount` has all.")),
  roomCount: count,
  watchCount: count,
};

/** A user in a list, or that something was done to. */
export const listedUser = v.object(listed);

/** One user. */
export const user = v.object({ ...listed, data });

/** A user's right to come back. */
export const session = v.object({
  user: v.object({ id: v.string(), name: v.string() }),
  number: v.pipe(count, v.description("Which one of the user's it is.")),
  connected: v.boolean(),
  until: v.optional(time),
  received: v.pipe(count, v.description("Frames of the client that were taken.")),
});
