import * as v from "valibot";
import type { Pages } from "../../../core/view/pages.ts";
import type { ServerView } from "../../../core/view/server_view.ts";
import { scopes } from "../../access/scope.ts";
import { Metrics } from "../metrics.ts";
import { applicationOf } from "../missing.ts";
import { type Route, route } from "../route.ts";
import { room } from "../schemas/room.ts";
import { takenMessages } from "../schemas/messages.ts";
import { application, server } from "../schemas/server.ts";

/** How many rooms, and users of each, an answer shows; the counts beside the lists are always whole. */
const SHOWN = { overview: { rooms: 50, users: 20 }, application: { rooms: 1_000, users: 100 } };

const firstRooms = v.pipe(v.array(room), v.description("The first of its rooms; `roomCount` has all."));

/** Makes the routes that say what runs. */
export function overviewRoutes(view: ServerView, pages?: Pages): Route[] {
  const metrics = new Metrics(view);
  return [
    route({
      id: "overview",
      method: "get",
      path: "/applications",
      scope: "read",
      summary: "What runs: the server, and all applications with their first rooms.",
      doing: "list the applications",
      answer: v.object({
        server,
        applications: v.array(v.object({ ...application.entries, rooms: firstRooms })),
      }),
      statuses: { 200: "The server and its applications." },
      handle: () => ({
        server: { ...view.process, state: view.state(), hosts: view.hosts(), store: view.store() },
        applications: view
          .applications()
          .map((found) => ({ ...found, rooms: view.rooms(found.name, SHOWN.overview) })),
      }),
    }),
    route({
      id: "application",
      method: "get",
      path: "/applications/{application}",
      scope: "read",
      summary: "One application with its first rooms, and where its pages are.",
      doing: "show the application",
      answer: v.object({
        ...application.entries,
        pages: v.optional(v.pipe(v.string(), v.description("Path of its pages; absent where it has none."))),
        rooms: firstRooms,
      }),
      statuses: { 200: "The application." },
      failures: { application_not_found: 404 },
      handle: async ({ params }) => {
        const found = applicationOf(view, params);
        const hasPages = (await pages?.find(found.name, [""])) !== undefined;
        return {
          ...found,
          ...(hasPages && { pages: `/apps/${encodeURIComponent(found.name)}/` }),
          rooms: view.rooms(found.name, SHOWN.application),
        };
      },
    }),
    route({
      id: "messages",
      method: "get",
      path: "/applications/{application}/messages",
      scope: "read",
      summary:
        "The messages that the application and its rooms take, with the fields of those whose data is an object of plain values.",
      doing: "list the messages",
      answer: v.object({
        application: v.optional(takenMessages),
        rooms: v.array(v.object({ type: v.string(), messages: takenMessages })),
      }),
      statuses: { 200: "The messages." },
      failures: { application_not_found: 404 },
      handle: ({ params }) => view.messages(applicationOf(view, params).name) ?? { rooms: [] },
    }),
    route({
      id: "session",
      method: "get",
      path: "/session",
      scope: undefined,
      summary: "What whoever asks may do.",
      doing: "tell the scopes",
      answer: v.object({ scopes: v.array(v.picklist(scopes)) }),
      statuses: { 200: "The scopes of the token, or of the console's session." },
      handle: ({ context }) => ({ scopes: [...context.get("grant").scopes] }),
    }),
    route({
      id: "metrics",
      method: "get",
      path: "/metrics",
      scope: "read",
      summary: "What runs as numbers, in the text format of Prometheus.",
      doing: "tell the metrics",
      answer: "text/plain; version=0.0.4; charset=utf-8",
      statuses: { 200: "The metrics." },
      handle: ({ context }) =>
        context.body(metrics.text(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
    }),
  ];
}
