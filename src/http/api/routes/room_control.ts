import * as v from "valibot";
import { scriptOptionsSchema, updateSchema } from "../../../core/room/room_options.ts";
import type { RoomControl } from "../../../core/control/room_control.ts";
import { type Route, route } from "../route.ts";
import { listedRoom, room } from "../schemas/room.ts";
import { name, next, pageQuery } from "../schemas/words.ts";

const ROOMS = "/applications/{application}/rooms";

/** Bytes of a body that makes or sets a room. */
const BODY_BYTES = 16 * 1024;

/** What keeps a room from being made or set, by code. */
const failures = {
  application_not_found: 404,
  application_unavailable: 503,
  busy: 503,
  not_saved: 503,
  timeout: 504,
};

/** Makes the routes that list, make and set rooms. */
export function roomControlRoutes(control: RoomControl): Route[] {
  return [
    route({
      id: "rooms",
      method: "get",
      path: ROOMS,
      scope: "read",
      summary: "The rooms in the order of their names, a page at a time.",
      doing: "list the rooms",
      query: v.strictObject({
        type: v.optional(v.pipe(v.string(), v.description("Only those of this type."))),
        open: v.optional(
          v.pipe(
            v.picklist(["true", "false"]),
            v.transform((text) => text === "true"),
            v.description("`true`: only those that clients can join: not locked, and not full."),
          ),
          "false",
        ),
        prefix: v.optional(
          v.pipe(v.string(), v.maxLength(256), v.description("Only those whose names begin so.")),
        ),
        ...pageQuery,
      }),
      answer: v.object({ rooms: v.array(listedRoom), next }),
      statuses: { 200: "A page of rooms." },
      failures: { application_not_found: 404, application_unavailable: 503 },
      handle: ({ params: { application = "" }, query: { type, open, ...rest } }) => {
        const { items, ...more } = control.rooms(application, { type, open, ...rest });
        return { rooms: items.map(({ users: _, ...listed }) => listed), ...more };
      },
    }),
    route({
      id: "createRoom",
      method: "post",
      path: ROOMS,
      scope: "operate",
      summary:
        "Makes a room, as the application's script does: its `create` handler is not asked. Answers when `init` has run.",
      doing: "create the room",
      body: v.strictObject({ room: name, ...scriptOptionsSchema.entries }),
      bodyBytes: BODY_BYTES,
      answer: room,
      statuses: { 201: "The room is there." },
      failures: {
        ...failures,
        invalid_data: 400,
        invalid_name: 400,
        room_type_not_found: 400,
        room_exists: 409,
        room_closed: 409,
        too_many_rooms: 409,
        handler_failed: 500,
      },
      handle: ({ params: { application = "" }, body: { room, ...options } }) =>
        control.create(application, room, options),
    }),
    route({
      id: "updateRoom",
      method: "patch",
      path: `${ROOMS}/{room}`,
      scope: "operate",
      summary: "Sets a room otherwise, as its script does by `room.update`: what is absent stays.",
      doing: "update the room",
      body: updateSchema,
      bodyBytes: BODY_BYTES,
      answer: room,
      statuses: { 200: "The room as it is now." },
      failures: { ...failures, room_not_found: 404 },
      handle: ({ params: { application = "", room = "" }, body }) => control.update(application, room, body),
    }),
  ];
}
