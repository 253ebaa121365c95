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
    insert: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          "Whether it goes before what is at that place of a list; what is behind it moves down.",
        ),
      ),
    ),
    expected: v.optional(
      v.pipe(
        v.unknown(),
        v.description("What is there as the caller knows it; where something else is, nothing happens."),
      ),
    ),
  }),
  v.check(
    ({ path, value }) => path.length > 0 || (typeof value === "object" && value !== null),
    "the whole state must be an object or a list",
  ),
  v.check(
    ({ path, value, insert }) => insert !== true || (value !== undefined && typeof path.at(-1) === "number"),
    "what is inserted is a value, at a place of a list",
  ),
  v.check(
    ({ path, expected }) => expected === undefined || path.length > 0,
    "of the whole state nothing can be expected",
  ),
);

/** Makes the routes that edit the states of scripts. */
export function stateRoutes(control: RoomControl): Route[] {
  const failures = {
    application_not_found: 404,
    application_unavailable: 503,
    room_not_found: 404,
    no_handler: 409,
    room_closed: 409,
    no_such_path: 409,
    changed: 409,
    invalid_data: 400,
    handler_failed: 500,
    busy: 503,
    timeout: 504,
    not_saved: 503,
  };
  const editing = {
    method: "put",
    scope: "edit",
    doing: "edit the state",
    body: edit,
    bodyBytes: DEFAULT_FRAME_BYTES,
    answer: v.object({ version: v.string() }),
    statuses: { 200: "It is done; the version that runs the script." },
    failures,
  } as const;
  const put = async (
    application: string,
    room: string | null,
    { path, value, insert, expected }: v.InferOutput<typeof edit>,
  ) => {
    const given = {
      path,
      ...(value !== undefined && { value: JSON.stringify(value) }),
      ...(insert !== undefined && { insert }),
      ...(expected !== undefined && { expected: JSON.stringify(expected) }),
    };
    return { version: await control.editState(application, room, given) };
  };
  return [
    route({
      ...editing,
      id: "editApplicationState",
      path: "/applications/{application}/state",
      summary:
        "Puts a value into the state of the application's script, or takes one out, between two events.",
      handle: ({ params: { application = "" }, body }) => put(application, null, body),
    }),
    route({
      ...editing,
      id: "editState",
      path: "/applications/{application}/rooms/{room}/state",
      summary: "Puts a value into the state of a room's script, or takes one out, between two events.",
      handle: ({ params: { application = "", room = "" }, body }) => put(application, room, body),
    }),
  ];
}
