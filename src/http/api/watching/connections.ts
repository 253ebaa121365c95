import * as v from "valibot";
import type { ConnectionControl } from "../../../core/control/connection_control.ts";
import { type Route, route } from "../route.ts";
import { count, next, pageQuery, time } from "../schemas/words.ts";

const PATH = "/applications/{application}/connections";
const failures = { application_not_found: 404, application_unavailable: 503 };

const connection = v.object({
  id: v.string(),
  user: v.optional(v.object({ id: v.string(), name: v.string() })),
  state: v.pipe(
    v.picklist(["online", "away"]),
    v.description("`away` where it is lost, and its user may come back."),
  ),
  since: time,
  heard: v.optional(v.pipe(count, v.description("How long ago its last frame came, ms."))),
  seq: v.pipe(count, v.description("Number of the newest frame that it was sent.")),
  seen: v.pipe(count, v.description("Number up to which the client has said that it has all.")),
  outbox: v.pipe(count, v.description("Bytes that wait for the client.")),
  rooms: count,
  trouble: v.optional(
    v.pipe(
      v.object({
        delay: v.optional(
          v.pipe(count, v.description("What each frame takes longer, in each direction, ms.")),
        ),
        delayedUntil: v.optional(time),
        frozenUntil: v.optional(time),
        inbox: v.pipe(count, v.description("Bytes of the client that wait for the server.")),
      }),
      v.description("What it is put to; absent where it is in no trouble."),
    ),
  ),
});

/** The most that frames may take longer, and for how long that and a freeze may last, ms. */
const MOST_DELAY = 10_000;
const MOST_DELAY_FOR = 600_000;
const MOST_FREEZE = 60_000;
const USUAL_DELAY_FOR = 60_000;

const milliseconds = (most: number, meaning: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most), v.description(meaning));

const trouble = v.strictObject({
  delay: v.optional(
    milliseconds(MOST_DELAY, "What each frame takes longer, in each direction, ms; 0 ends it."),
  ),
  delayFor: v.optional(milliseconds(MOST_DELAY_FOR, "For how long, ms."), USUAL_DELAY_FOR),
  freeze: v.optional(milliseconds(MOST_FREEZE, "For how long nothing gets through, ms; 0 ends it.")),
});

/** Makes the routes about connections. */
export function connectionRoutes(control: ConnectionControl): Route[] {
  return [
    route({
      id: "connections",
      method: "get",
      path: PATH,
      scope: "read",
      summary: "The connections, and those that users who are away have lost, a page at a time.",
      doing: "list the connections",
      query: v.strictObject(pageQuery),
      answer: v.object({ connections: v.array(connection), next }),
      statuses: { 200: "A page of connections, in the order in which they were accepted." },
      failures,
      handle: ({ params: { application = "" }, query }) => {
        const { items: connections, ...more } = control.connections(application, query);
        return { connections, ...more };
      },
    }),
    route({
      id: "dropConnection",
      method: "delete",
      path: `${PATH}/{connection}`,
      scope: "operate",
      summary: "Loses a connection as a network does: its user is away, and the client comes back.",
      doing: "drop the connection",
      answer: connection,
      statuses: { 200: "What is lost." },
      failures: { ...failures, connection_not_found: 404 },
      handle: ({ params: { application = "", connection = "" } }) => control.drop(application, connection),
    }),
    route({
      id: "troubleConnection",
      method: "patch",
      path: `${PATH}/{connection}`,
      scope: "operate",
      summary:
        "Delays the frames of a connection, or freezes it, for a while, as a bad network does; none is lost.",
      doing: "trouble the connection",
      body: trouble,
      answer: connection,
      statuses: { 200: "The connection, with what it is put to from now on." },
      failures: { ...failures, connection_not_found: 404 },
      handle: ({ params: { application = "", connection = "" }, body }) =>
        control.trouble(application, connection, body),
    }),
  ];
}
