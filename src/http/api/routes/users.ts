import * as v from "valibot";
import type { UserControl } from "../../../core/control/user_control.ts";
import { dataText } from "../../../protocol/bytes.ts";
import { DEFAULT_FRAME_BYTES } from "../../../protocol/frame.ts";
import { type Route, route } from "../route.ts";
import { listedUser, session, user } from "../schemas/user.ts";
import { data, name, next, pageQuery } from "../schemas/words.ts";

const USERS = "/applications/{application}/users";
const USER = `${USERS}/{user}`;
/** Characters of the reason of a kick. */
const MAX_REASON = 120;

const failures = { application_not_found: 404, application_unavailable: 503, user_not_found: 404 };

/** Makes the routes about users and their sessions. */
export function userRoutes(control: UserControl): Route[] {
  return [
    route({
      id: "users",
      method: "get",
      path: USERS,
      scope: "read",
      summary: "Those who are logged in, in the order of their logins, a page at a time.",
      doing: "list the users",
      query: v.strictObject(pageQuery),
      answer: v.object({ users: v.array(listedUser), next }),
      statuses: { 200: "A page of users." },
      failures: { application_not_found: 404, application_unavailable: 503 },
      handle: ({ params: { application = "" }, query }) => {
        const { items: users, ...more } = control.users(application, query);
        return { users, ...more };
      },
    }),
    route({
      id: "sessions",
      method: "get",
      path: "/applications/{application}/sessions",
      scope: "read",
      summary: "Who may come back, and until when those may who are away, a page at a time.",
      doing: "list the sessions",
      query: v.strictObject(pageQuery),
      answer: v.object({ sessions: v.array(session), next }),
      statuses: { 200: "A page of sessions." },
      failures: { application_not_found: 404, application_unavailable: 503 },
      handle: ({ params: { application = "" }, query }) => {
        const { items: sessions, ...more } = control.sessions(application, query);
        return { sessions, ...more };
      },
    }),
    route({
      id: "user",
      method: "get",
      path: USER,
      scope: "read",
      summary: "One user, with what the `login` handler has attached.",
      doing: "show the user",
      answer: user,
      statuses: { 200: "The user." },
      failures,
      handle: ({ params: { application = "", user = "" } }) => control.user(application, user),
    }),
    route({
      id: "sendToUser",
      method: "post",
      path: `${USER}/send`,
      scope: "operate",
      summary: "Sends a message to a user, as the application's script does.",
      doing: "send the message",
      body: v.strictObject({ type: name, data }),
      bodyBytes: DEFAULT_FRAME_BYTES,
      answer: listedUser,
      statuses: { 200: "It is sent, or kept for who is away." },
      failures,
      handle: ({ params: { application = "", user = "" }, body: { type, data } }) =>
        control.send(application, user, type, dataText(data)),
    }),
    route({
      id: "kickUser",
      method: "delete",
      path: USER,
      scope: "operate",
      summary: "Puts a user out, and ends its session.",
      doing: "kick the user",
      query: v.strictObject({
        reason: v.optional(
          v.pipe(v.string(), v.nonEmpty(), v.maxLength(MAX_REASON), v.description("What the user is told.")),
          "An admin put you out.",
        ),
      }),
      answer: listedUser,
      statuses: { 200: "Who is put out." },
      failures,
      handle: ({ params: { application = "", user = "" }, query: { reason } }) =>
        control.kick(application, user, reason),
    }),
    route({
      id: "moveUser",
      method: "post",
      path: `${USER}/move`,
      scope: "operate",
      summary:
        "Has a user leave the room that it is in, or `from`, and join another one, as scripts do; in none it only joins.",
      doing: "move the user",
      body: v.strictObject({ room: name, from: v.optional(name), data }),
      bodyBytes: DEFAULT_FRAME_BYTES,
      answer: listedUser,
      statuses: { 200: "It is there." },
      failures: {
        ...failures,
        room_not_found: 404,
        not_in_room: 409,
        several_rooms: 409,
        room_full: 409,
        room_closed: 409,
        too_many_rooms: 409,
        not_logged_in: 409,
        already_in_room: 409,
        join_refused: 409,
        invalid_data: 400,
        handler_failed: 500,
        busy: 503,
        not_saved: 503,
        timeout: 504,
      },
      handle: ({ params: { application = "", user = "" }, body: { data, ...request } }) => {
        const text = dataText(data);
        return control.move(application, user, { ...request, ...(text !== undefined && { data: text }) });
      },
    }),
  ];
}
