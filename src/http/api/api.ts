import { Hono } from "hono";
import type { Pages } from "../../core/view/pages.ts";
import type { ConnectionControl } from "../../core/control/connection_control.ts";
import type { RoomControl } from "../../core/control/room_control.ts";
import type { EditTrials } from "../../core/edit/edit_trials.ts";
import type { RoomTimelines } from "../../core/timeline/room_timelines.ts";
import type { ServerView } from "../../core/view/server_view.ts";
import type { LoadHistory } from "../../core/view/load_history.ts";
import type { SourceFiles } from "../../core/view/source_files.ts";
import type { UserControl } from "../../core/control/user_control.ts";
import type { VersionControl } from "../../core/view/version_control.ts";
import type { ApiEnv } from "../access/access.ts";
import { bodiesBudget } from "./body.ts";
import { type LiveParts, liveRoutes } from "./routes/live.ts";
import { timelineRoutes } from "./routes/timeline.ts";
import { openApiRoute } from "./openapi.ts";
import type { Follow } from "./follow.ts";
import { mount, type Route } from "./route.ts";
import { feedRoutes } from "./routes/feed.ts";
import { callRoutes } from "./routes/calls.ts";
import { eventRoutes } from "./routes/events.ts";
import { fileRoutes } from "./editing/files.ts";
import { connectionRoutes } from "./watching/connections.ts";
import { handlerRoutes } from "./watching/handlers.ts";
import { loadRoutes } from "./watching/last_hour.ts";
import { stateRoutes } from "./editing/state.ts";
import { trialRoutes } from "./editing/trials.ts";
import { overviewRoutes } from "./routes/overview.ts";
import { roomControlRoutes } from "./routes/room_control.ts";
import { roomRoutes } from "./routes/rooms.ts";
import { userRoutes } from "./routes/users.ts";
import { versionRoutes } from "./routes/versions.ts";

/** What the API shows and does; what is missing has no routes. */
export interface ApiParts {
  readonly view: ServerView;
  readonly rooms?: RoomControl | undefined;
  readonly users?: UserControl | undefined;
  readonly connections?: ConnectionControl | undefined;
  readonly versions?: VersionControl | undefined;
  readonly pages?: Pages | undefined;
  readonly live?: LiveParts | undefined;
  /** Follows what changes something; absent where nothing is followed. */
  readonly follow?: Follow | undefined;
  readonly timelines?: RoomTimelines | undefined;
  readonly files?: SourceFiles | undefined;
  readonly history?: LoadHistory | undefined;
  readonly trials?: EditTrials | undefined;
}

/** Returns all that the API does. */
export function apiRoutes({
  view,
  rooms,
  users,
  connections,
  versions,
  pages,
  live,
  timelines,
  files,
  history,
  trials,
}: ApiParts): Route[] {
  const routes = [
    ...overviewRoutes(view, pages),
    ...roomRoutes(view),
    ...(rooms ? [...roomControlRoutes(rooms), ...callRoutes(rooms), ...stateRoutes(rooms)] : []),
    ...eventRoutes(view),
    ...(users ? userRoutes(users) : []),
    ...(connections ? connectionRoutes(connections) : []),
    ...(versions ? [...versionRoutes(versions), ...handlerRoutes(versions)] : []),
    ...(timelines ? timelineRoutes(timelines) : []),
    ...(files ? fileRoutes(view, files) : []),
    ...(history ? loadRoutes(view, history) : []),
    ...(trials ? trialRoutes(trials) : []),
    ...(live ? [...liveRoutes(view, live), ...feedRoutes(view, live.feed)] : []),
  ];
  return [...routes, openApiRoute(view.process.version, routes)];
}

/** Makes the API, for whoever was let in; `bodies` bounds those that are being read. */
export function createApi(parts: ApiParts, bodies = bodiesBudget()): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>();
  mount(api, apiRoutes(parts), bodies, parts.follow);
  return api;
}
