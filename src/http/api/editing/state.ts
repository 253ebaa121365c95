import * as v from "valibot";
import type { RoomControl } from "../../../core/control/room_control.ts";
import { DEFAULT_FRAME_BYTES } from "../../../protocol/frame.ts";
import { type Route, route } from "../route.ts";

/** Steps of a path. */
const MOST_STEPS = 64;

const step = v.union([
  v.pipe(
    v.string(),
    v.check((key) => key !== "__proto__", "no key is called __proto__"),
  ),
  v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
]);

const edit = v.pipe(
  v.strictObject({
    path: v.pipe(
      v.array(step),
      v.maxLength(MOST_STEPS),
      v.description("Keys of objects and places in lists, from the outermost; none for the whole state."),
    ),
    value: v.optional(
      v.pipe(v.unknown(), v.description("Any JSON; where it is absent, what is there is taken out.")),
    ),
  }),
  v.check(
    ({ path, value }) => path.length > 0 || (typeof value === "object" && value !== null),
    "the whole state must be an object or a list",
  ),
);

/** Makes the route that edits the states of rooms. */
export function stateRoutes(control: RoomControl): Route[] {
  return [
    route({
      id: "editState",
      method: "put",
      path: "/applications/{application}/rooms/{room}/state",
      scope: "edit",
      summary: "Puts a value into the state of a room's script, or takes one out, between two events.",
      doing: "edit the state",
      body: edit,
      bodyBytes: DEFAULT_FRAME_BYTES,
      answer: v.object({ version: v.string() }),
      statuses: { 200: "It is done; the version that runs the room." },
      failures: {
        application_not_found: 404,
        application_unavailable: 503,
        room_not_found: 404,
        no_such_path: 409,
        invalid_data: 400,
        handler_failed: 500,
        busy: 503,
        timeout: 504,
        not_saved: 503,
      },
      handle: async ({ params: { application = "", room = "" }, body: { path, value } }) => {
        const given = value === undefined ? {} : { value: JSON.stringify(value) };
        return { version: await control.editState(application, room, { path, ...given }) };
      },
    }),
  ];
}
