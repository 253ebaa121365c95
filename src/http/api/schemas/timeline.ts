import * as v from "valibot";
import { count, position, time } from "./words.ts";

const any = v.optional(v.unknown());

/** An event of a room. */
const event = {
  seq: count,
  time,
  kind: v.string(),
  type: v.optional(v.string()),
  user: v.optional(v.object({ id: v.string(), name: v.optional(v.string()) })),
  data: any,
  dataUnits: v.optional(count),
  status: v.picklist(["ok", "refused", "no_handler", "failed", "foreign"]),
};

const difference = v.object({ path: v.string(), before: any, after: any });

/** What it came to. */
const step = {
  cpu: v.number(),
  effects: v.array(v.record(v.string(), v.unknown())),
  effectCount: count,
  failure: v.optional(v.object({ message: v.string(), position: v.optional(position) })),
  returned: any,
  changes: v.array(difference),
  changeCount: count,
};

const head = {
  room: v.string(),
  since: v.picklist(["start", "snapshot"]),
  count,
};

/** The newest events of a room. */
export const timeline = v.object({ ...head, version: v.string(), events: v.array(v.object(event)) });

/** The same, and what each came to. */
export const retraced = v.object({
  ...head,
  version: v.string(),
  initial: v.unknown(),
  state: v.unknown(),
  events: v.array(v.object({ ...event, ...step })),
  cut: v.optional(v.string()),
});

/** The same, and what it comes to with other files. */
export const replayed = v.object({
  ...head,
  versions: v.tuple([v.string(), v.string()]),
  events: v.array(
    v.object({
      ...event,
      before: v.object(step),
      after: v.object(step),
      differs: v.array(v.picklist(["effects", "state", "failure"])),
    }),
  ),
  states: v.tuple([v.unknown(), v.unknown()]),
  differences: v.array(difference),
  differenceCount: count,
  cut: v.optional(v.string()),
});
