import * as v from "valibot";
import type { RoomTimelines } from "../../../core/timeline/room_timelines.ts";
import { type Route, route } from "../route.ts";
import { replayed, timeline, retraced } from "../schemas/timeline.ts";
import { count } from "../schemas/words.ts";

const ROOM = "/applications/{application}/rooms/{room}";
/** Events that are shown of one room: without anything being run, and run again. */
const MOST_LISTED = 1_000;
const MOST_RUN = 500;
const USUALLY_RUN = 200;
/** Bytes of the files that a replay takes. */
const FILES_BYTES = 1024 * 1024;
const stepsRule = `it must be a whole number, 1 to ${MOST_RUN}`;

const failures = { application_not_found: 404, room_not_found: 404, replay_failed: 409, busy: 429 };
const steps = v.optional(
  v.pipe(
    v.number(stepsRule),
    v.integer(stepsRule),
    v.minValue(1, stepsRule),
    v.maxValue(MOST_RUN, stepsRule),
  ),
  USUALLY_RUN,
);
const limitRule = `it must be a whole number, 1 to ${MOST_LISTED}`;
const limit = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^\d{1,4}$/, limitRule),
    v.transform(Number),
    v.minValue(1, limitRule),
    v.maxValue(MOST_LISTED, limitRule),
  ),
  "200",
);

/** Files of the application by path: `rooms/match.ts`. */
const files = v.pipe(v.record(v.pipe(v.string(), v.maxLength(256)), v.string()), v.maxEntries(100));

/** Makes the routes about what rooms have come by. */
export function timelineRoutes(timelines: RoomTimelines): Route[] {
  return [
    route({
      id: "timeline",
      method: "get",
      path: `${ROOM}/timeline`,
      scope: "read",
      summary: "The newest events of a room.",
      doing: "show the events",
      query: v.object({ limit }),
      answer: timeline,
      statuses: { 200: "The events, oldest first." },
      failures,
      handle: ({ params: { application = "", room = "" }, query }) =>
        timelines.list(application, room, query.limit),
    }),
    route({
      id: "retraceRoom",
      method: "post",
      path: `${ROOM}/timeline`,
      scope: "operate",
      summary: "The newest events of a room with what each came to: they are run again on a copy.",
      doing: "run the events again",
      body: v.strictObject({ steps }),
      answer: retraced,
      statuses: { 200: "The events, oldest first." },
      failures,
      handle: ({ params: { application = "", room = "" }, body }) =>
        timelines.retrace(application, room, body.steps),
    }),
    route({
      id: "roomStateAt",
      method: "post",
      path: `${ROOM}/timeline/{seq}`,
      scope: "operate",
      summary: "The state of a room behind one of its events, which are run again on a copy.",
      doing: "tell the state",
      answer: v.object({ seq: count, state: v.unknown() }),
      statuses: { 200: "The state." },
      failures: { ...failures, event_not_found: 404 },
      handle: ({ params: { application = "", room = "", seq = "" } }) =>
        timelines.stateAt(application, room, Number(seq)),
    }),
    route({
      id: "exportRoom",
      method: "post",
      path: `${ROOM}/export`,
      scope: "operate",
      summary: "A test for `hotroom test` that does again what has happened in a room.",
      doing: "make a test",
      answer: "text/plain; charset=utf-8",
      statuses: { 200: "The text of a `*.test.ts`." },
      failures: { ...failures, not_exportable: 409 },
      handle: async ({ params: { application = "", room = "" }, context }) =>
        context.text(await timelines.exported(application, room)),
    }),
    route({
      id: "replayRoom",
      method: "post",
      path: `${ROOM}/replay`,
      scope: "edit",
      summary: "What the newest events of a room came to, and what they come to with other files.",
      doing: "replay the events",
      body: v.strictObject({ files, steps }),
      bodyBytes: FILES_BYTES,
      answer: replayed,
      statuses: { 200: "Both, event by event." },
      failures: { ...failures, build_failed: 422, replay_failed: 409 },
      handle: ({ params: { application = "", room = "" }, body }) =>
        timelines.replay(application, room, body.files, body.steps),
    }),
  ];
}
