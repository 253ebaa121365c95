import * as v from "valibot";
import { count, position, time } from "./words.ts";

/** What events have used. */
export const usage = v.object({
  cpu: v.pipe(v.number(), v.description("CPU time, ms.")),
  delivery: v.optional(v.number()),
  events: count,
  effects: count,
  bytes: count,
  failures: v.record(v.string(), count),
  logLinesDropped: count,
});

/** The process that serves. */
export const server = v.object({
  version: v.string(),
  runtime: v.string(),
  runtimeVersion: v.string(),
  startedAt: time,
  state: v.picklist(["starting", "ready", "draining"]),
  hosts: v.array(
    v.object({
      id: count,
      pid: v.nullable(count),
      state: v.picklist(["starting", "ready", "busy", "dead"]),
      sandboxes: count,
      scripts: count,
      restarts: count,
      spare: v.optional(v.boolean()),
      confined: v.optional(v.boolean()),
    }),
  ),
  store: v.optional(
    v.object({
      folder: v.optional(v.string()),
      bytes: count,
      waiting: count,
      lag: v.number(),
      commits: count,
      failures: count,
      problem: v.optional(v.string()),
    }),
  ),
});

/** One application. */
export const application = v.object({
  name: v.string(),
  status: v.picklist(["running", "failed"]),
  version: v.optional(v.string()),
  since: v.optional(time),
  connectionCount: count,
  userCount: count,
  roomCount: count,
  usage: v.optional(usage),
  sandboxes: v.optional(v.object({ count, memory: count })),
  fetches: v.optional(count),
  confined: v.optional(v.boolean()),
  closedUntil: v.optional(time),
  error: v.optional(
    v.object({
      message: v.string(),
      position: v.optional(position),
      sourceLine: v.optional(v.string()),
      sourceColumn: v.optional(count),
    }),
  ),
});
