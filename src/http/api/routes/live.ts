import type { Context } from "hono";
import * as v from "valibot";
import type { RecentLines } from "../../../core/view/recent_lines.ts";
import type { ServerView } from "../../../core/view/server_view.ts";
import type { EditFeed } from "../../../core/edit/edit_feed.ts";
import type { RoomTables } from "../../../core/view/table/room_tables.ts";
import { sortKeys, type TableQuery } from "../../../core/view/table/table_query.ts";
import { applicationLook, roomLook, tableLook } from "../../live/application_look.ts";
import type { Look } from "../../live/live_event.ts";
import type { LiveStreams } from "../../live/live_streams.ts";
import { feedLook } from "../../live/feed_look.ts";
import { logLook } from "../../live/log_look.ts";
import { serverLook } from "../../live/server_look.ts";
import type { ApiEnv } from "../../access/access.ts";
import { applicationOf } from "../missing.ts";
import { type Route, route } from "../route.ts";
import { why } from "../schemas/versions.ts";

const EVENTS = "text/event-stream";
/** The number of a step, at most. */
const MOST_ID = 999_999_999;
/** Rooms of a table that are shown at once. */
const MOST_ROWS = 200;
const numberRule = "it must be a whole number";

function number(most: number) {
  const schema = v.pipe(v.string(), v.regex(/^\d{1,9}$/, numberRule), v.transform(Number));
  return v.pipe(schema, v.maxValue(most, `it must be at most ${most}`));
}

const text = v.optional(v.pipe(v.string(), v.maxLength(256)));

const feedQuery = v.object({
  feed: v.optional(
    v.pipe(number(MOST_ID), v.description("Number of the last step that is known; 0 for all that are kept.")),
  ),
});

const tableQuery = v.object({
  rooms: v.optional(v.picklist(["0", "1"]), "1"),
  search: text,
  type: text,
  version: text,
  why: v.optional(why),
  sort: v.optional(v.picklist(sortKeys), "created"),
  order: v.optional(v.picklist(["asc", "desc"]), "asc"),
  offset: v.optional(number(1_000_000), "0"),
  limit: v.optional(number(MOST_ROWS), "100"),
  room: text,
  ...feedQuery.entries,
  logs: v.optional(
    v.pipe(number(MOST_ID), v.description("Number of the last line that is known; 0 for all that are kept.")),
  ),
  level: v.optional(v.picklist(["debug", "info", "warn", "error"]), "info"),
  logRoom: text,
});

/** What is looked at live, and by what. */
export interface LiveParts {
  readonly tables: RoomTables;
  readonly streams: LiveStreams;
  readonly feed: EditFeed;
  readonly lines: RecentLines;
}

/** Makes the routes that tell what happens as it happens. */
export function liveRoutes(view: ServerView, { tables, streams, feed, lines }: LiveParts): Route[] {
  /** Resolves with why whoever asks is told nothing more: the server stops, or its token was taken back. */
  const endedFor = async (context: Context<ApiEnv>) => {
    if (view.state() === "draining") return "draining";
    const grant = await context.get("grantNow")();
    return grant?.scopes.has("read") ? undefined : "unauthorized";
  };
  return [
    route({
      id: "serverLive",
      method: "get",
      path: "/live",
      scope: "read",
      summary: "What runs, as it changes: server-sent events `server`, `applications`, `feed`.",
      doing: "follow the server",
      query: feedQuery,
      answer: EVENTS,
      statuses: { 200: "Events until whoever reads them goes, or `end`." },
      failures: { too_many: 429 },
      handle: ({ query, context }) => {
        const looks = [serverLook(view)];
        if (query.feed !== undefined) looks.push(feedLook(feed, query.feed));
        return streams.open(
          context.get("caller"),
          () => looks.flatMap((look) => look()),
          () => endedFor(context),
        );
      },
    }),
    route({
      id: "applicationLive",
      method: "get",
      path: "/applications/{application}/live",
      scope: "read",
      summary:
        "An application, its edits, a table of its rooms and one of them, as they change: server-sent events.",
      doing: "follow the application",
      query: tableQuery,
      answer: EVENTS,
      statuses: { 200: "Events until whoever reads them goes, or `end`." },
      failures: { application_not_found: 404, too_many: 429 },
      handle: ({ params, query, context }) => {
        const { name } = applicationOf(view, params);
        const looks: Look[] = [applicationLook(view, name)];
        if (query.rooms === "1") looks.push(tableLook(tables.open(name, queryOf(query))));
        if (query.room !== undefined) looks.push(roomLook(view, name, query.room));
        if (query.feed !== undefined) looks.push(feedLook(feed, query.feed, name));
        if (query.logs !== undefined) {
          const { level, logRoom } = query;
          const wanted = { application: name, level, ...(logRoom !== undefined && { room: logRoom }) };
          looks.push(logLook(lines, query.logs, wanted));
        }
        const ended = async () =>
          (await endedFor(context)) ?? (view.application(name) ? undefined : "application removed");
        return streams.open(context.get("caller"), () => looks.flatMap((look) => look()), ended);
      },
    }),
  ];
}

function queryOf(query: v.InferOutput<typeof tableQuery>): TableQuery {
  const { search, type, version, why, sort, order, offset, limit } = query;
  return {
    ...(search !== undefined && { search: search.toLowerCase() }),
    ...(type !== undefined && { type }),
    ...(version !== undefined && { version }),
    ...(why !== undefined && { why }),
    sort,
    descending: order === "desc",
    offset,
    limit,
  };
}
