import * as v from "valibot";
import { usage } from "./server.ts";
import { count, data, time } from "./words.ts";

/** One room. */
export const room = v.object({
  name: v.string(),
  type: v.string(),
  version: v.string(),
  createdAt: time,
  userCount: count,
  watcherCount: count,
  maxUsers: v.nullable(count),
  locked: v.boolean(),
  hidden: v.boolean(),
  password: v.pipe(v.boolean(), v.description("Whether there is one.")),
  keep: v.boolean(),
  durable: v.boolean(),
  meta: data,
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

const { users: _, ...entries } = room.entries;

/** A room in a list. */
export const listedRoom = v.object(entries);
