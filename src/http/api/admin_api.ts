import { type Context, Hono } from "hono";
import * as v from "valibot";
import type { ApplicationView, RoomView, ServerView } from "../../core/view/server_view.ts";
import { unsoundness } from "../../protocol/frame.ts";
import { isName, nameProblem } from "../../protocol/names.ts";
import { problem } from "../problem.ts";
import { limitBody, readBody } from "./body.ts";
import { metricsOf } from "./metrics.ts";
import { refusal } from "./refusal.ts";

/** Largest body of a request, bytes. */
const EMIT_BODY_BYTES = 64 * 1024;

/** How many rooms, and users of each, an answer shows; the counts beside the lists are always whole. */
const SHOWN = {
  overview: { rooms: 50, users: 20 },
  application: { rooms: 1_000, users: 100 },
  room: { users: 10_000 },
};

const emitSchema = v.strictObject({
  type: v.pipe(
    v.string(),
    v.check(
      (type) => isName(type),
      ({ input }) => nameProblem(input),
    ),
  ),
  data: v.optional(v.unknown()),
});

/** HTTP status of what the core refuses. */
const statuses: Readonly<Record<string, number>> = {
  room_not_found: 404,
  no_handler: 409,
  busy: 503,
  application_unavailable: 503,
};

/** Makes the admin API: what runs, events for scripts, and the end of rooms. Whoever mounts it sees to it that only admins reach it. */
export function createApi(view: ServerView): Hono {
  const api = new Hono();

  api.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
  });

  api.get("/applications", (c) =>
    c.json({
      server: { ...view.process, state: view.state(), hosts: view.hosts(), store: view.store() },
      applications: view
        .applications()
        .map((found) => withRooms(found, view.rooms(found.name, SHOWN.overview))),
    }),
  );

  api.get("/applications/:application", (c) => {
    const found = view.application(c.req.param("application"));
    return found ? c.json(withRooms(found, view.rooms(found.name, SHOWN.application))) : noApplication(c);
  });

  api.get("/applications/:application/rooms/:room", (c) => {
    const found = view.application(c.req.param("application"));
    if (!found) return noApplication(c);
    const room = view.room(found.name, c.req.param("room"), SHOWN.room);
    return room ? c.json(room) : noRoom(c);
  });

  api.delete("/applications/:application/rooms/:room", async (c) => {
    const { application, room } = c.req.param();
    if (!view.application(application)) return noApplication(c);
    try {
      const closed = await view.closeRoom(application, room);
      return c.json({ application, room, closed }, closed ? 200 : 202);
    } catch (error) {
      return refusal(error, statuses);
    }
  });

  api.get("/metrics", (c) =>
    c.body(metricsOf(view), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
  );

  const limited = limitBody(EMIT_BODY_BYTES);
  api.post("/applications/:application/emit", limited, (c) => emit(c, view, null));
  api.post("/applications/:application/rooms/:room/emit", limited, (c) => emit(c, view, c.req.param("room")));
  return api;
}

function withRooms(found: ApplicationView, rooms: readonly RoomView[]) {
  return { ...found, rooms };
}

async function emit(c: Context, view: ServerView, room: string | null): Promise<Response> {
  const application = c.req.param("application") as string;
  const body = await readBody(c, "emit", emitSchema);
  if (!body.ok) return body.answer;
  const { output } = body;
  const unsound = unsoundness(output);
  if (unsound !== undefined) return problem(400, "bad_request", `Cannot emit: ${unsound}.`);

  if (!view.application(application)) return noApplication(c);
  const { type, data } = output;
  try {
    view.emit(application, room, type, data === undefined ? undefined : JSON.stringify(data));
  } catch (error) {
    return refusal(error, statuses);
  }
  const runs = room === null ? undefined : view.room(application, room, { users: 0 });
  const version = runs?.version ?? view.application(application)?.version;
  return c.json({ queued: true, ...(version !== undefined && { version }) }, 202);
}

function noApplication(c: Context): Response {
  const name = c.req.param("application") as string;
  return problem(404, "application_not_found", `There is no application ${JSON.stringify(name)}.`);
}

function noRoom(c: Context): Response {
  const { application, room } = c.req.param() as { application: string; room: string };
  const message = `Application ${JSON.stringify(application)} has no room ${JSON.stringify(room)}.`;
  return problem(404, "room_not_found", message);
}
