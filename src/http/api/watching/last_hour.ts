import * as v from "valibot";
import type { LoadHistory } from "../../../core/view/load_history.ts";
import type { ServerView } from "../../../core/view/server_view.ts";
import { applicationOf } from "../missing.ts";
import { type Route, route } from "../route.ts";
import { count, time } from "../schemas/words.ts";

const point = v.object({
  at: time,
  cpu: v.pipe(v.number(), v.description("CPU time of the interval, ms.")),
  events: count,
  effects: count,
  failures: count,
  users: count,
  rooms: count,
  connections: count,
  memory: count,
});

/** Makes the route about the last hour of an application. */
export function loadRoutes(view: ServerView, history: LoadHistory): Route[] {
  return [
    route({
      id: "load",
      method: "get",
      path: "/applications/{application}/load",
      scope: "read",
      summary: "The last hour of an application in points, oldest first.",
      doing: "tell the load",
      answer: v.object({
        every: v.pipe(v.number(), v.description("Length of an interval, ms.")),
        points: v.array(point),
      }),
      statuses: { 200: "The points; none where a great many other applications run." },
      failures: { application_not_found: 404 },
      handle: ({ params }) => {
        const { name } = applicationOf(view, params);
        return { every: history.every, points: [...history.points(name)] };
      },
    }),
  ];
}
