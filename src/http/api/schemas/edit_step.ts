import * as v from "valibot";
import { count, position, time } from "./words.ts";

const error = v.object({
  message: v.string(),
  position: v.optional(position),
  sourceLine: v.optional(v.string()),
  sourceColumn: v.optional(count),
});

/** One step of an edit; which parts it has its kind says. */
export const editStep = v.object({
  id: count,
  at: time,
  application: v.string(),
  kind: v.picklist([
    "found",
    "saved",
    "built",
    "failed",
    "rehearsed",
    "moved",
    "pinned",
    "by_hand",
    "room_rolled_back",
    "rolled_back",
    "no_first_state",
    "quarantined",
    "started",
    "unchanged",
    "removed",
    "policy",
    "pages",
  ]),
  version: v.optional(v.string()),
  from: v.optional(v.string()),
  to: v.optional(v.string()),
  files: v.optional(v.array(v.string())),
  gone: v.optional(v.array(v.string())),
  more: v.optional(count),
  ms: v.optional(count),
  rooms: v.optional(count),
  kept: v.optional(count),
  tried: v.optional(count),
  failed: v.optional(count),
  changed: v.optional(count),
  room: v.optional(v.nullable(v.string())),
  type: v.optional(v.nullable(v.string())),
  reason: v.optional(v.string()),
  policy: v.optional(v.string()),
  error: v.optional(error),
});
