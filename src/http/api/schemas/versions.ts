import * as v from "valibot";
import { count, position, time } from "./words.ts";

/** What live rooms do at an edit. */
export const policy = v.picklist(["swap", "pin"]);

/** Names a version; absent for the one that the route itself means. */
export const versionName = v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(64)));

/** A room; null for the application's extension. */
const place = v.nullable(v.string());
/** Why a version is live, or a room runs it. */
export const why = v.picklist(["new", "swapped", "pinned", "rolled_back", "by_hand", "quarantined"]);
const failures = v.array(v.object({ room: place, reason: v.string() }));

/** What a rehearsal has shown. */
export const rehearsal = v.object({
  application: v.string(),
  version: v.string(),
  at: time,
  tried: count,
  events: count,
  failed: count,
  changed: count,
  rooms: v.array(
    v.object({
      room: place,
      version: v.string(),
      events: count,
      errors: v.array(v.object({ event: v.string(), message: v.string(), position: v.optional(position) })),
      differences: v.array(
        v.object({ path: v.string(), before: v.optional(v.unknown()), after: v.optional(v.unknown()) }),
      ),
      differenceCount: count,
    }),
  ),
  stuck: failures,
});

/** The versions of an application. */
export const versions = v.object({
  application: v.string(),
  policy,
  kept: count,
  versions: v.array(
    v.object({
      version: v.string(),
      hash: v.string(),
      live: v.boolean(),
      why,
      since: time,
      roomCount: count,
      running: v.array(v.object({ room: place, why, since: time })),
      failures,
    }),
  ),
  quarantined: v.array(v.object({ hash: v.string(), version: v.string() })),
  rehearsal: v.optional(rehearsal),
});

/** The result of a rollback by hand. */
export const rollback = v.object({ application: v.string(), version: v.string(), moved: count, failures });
