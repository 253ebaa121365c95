import * as v from "valibot";
import type { ServerView } from "../../../core/view/server_view.ts";
import { applicationOf, roomOf } from "../missing.ts";
import { type Route, route } from "../route.ts";
import { room } from "../schemas/room.ts";

/** Users of a room that an answer shows. */
const SHOWN_USERS = 10_000;

const ROOM = "/applications/{application}/rooms/{room}";

/** Makes the routes that show and change rooms. */
export function roomRoutes(view: ServerView): Route[] {
  return [
    route({
      id: "room",
      method: "get",
      path: ROOM,
      scope: "read",
      summary: "One room.",
      doing: "show the room",
      answer: room,
      statuses: { 200: "The room." },
      failures: { application_not_found: 404, room_not_found: 404 },
      handle: ({ params }) => roomOf(view, params, SHOWN_USERS),
    }),
    route({
      id: "closeRoom",
      method: "delete",
      path: ROOM,
      scope: "operate",
      summary: "Closes a room; one that is closing already ends at once, whatever its script does.",
      doing: "close the room",
      answer: v.object({ application: v.string(), room: v.string(), closed: v.boolean() }),
      statuses: { 200: "It is closed.", 202: "It closes later: its `close` handler has not answered yet." },
      failures: { application_not_found: 404, application_unavailable: 503, room_not_found: 404 },
      handle: async ({ params, context }) => {
        const { name: application } = applicationOf(view, params);
        const { room: name = "" } = params;
        const closed = await view.closeRoom(application, name);
        if (!closed) context.status(202);
        return { application, room: name, closed };
      },
    }),
  ];
}
