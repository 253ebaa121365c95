import * as v from "valibot";
import { usage } from "./server.ts";
import { count, time } from "./words.ts";

/** One room. */
export const room = v.object({
  name: v.string(),
  type: v.string(),
  version: v.string(),
  createdAt: time,
  userCount: count,
  maxUsers: v.nullable(count),
  usage,
  script: v.object({
    waiting: count,
    host: v.optional(count),
    sandbox: v.optional(v.object({ memory: count, scripts: count })),
    isComingBack: v.optional(v.literal(true)),
  }),
  users: v.pipe(
    v.array(v.object({ id: v.string(), name: v.string() })),
    v.description("The first of its members; `userCount` has all."),
  ),
});
