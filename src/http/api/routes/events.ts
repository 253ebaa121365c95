import * as v from "valibot";
import type { ServerView } from "../../../core/view/server_view.ts";
import { dataText } from "../../../protocol/bytes.ts";
import { applicationOf } from "../missing.ts";
import { type Route, route } from "../route.ts";
import { data, name } from "../schemas/words.ts";

const event = v.strictObject({ type: name, data });

const queued = v.object({
  queued: v.literal(true),
  version: v.optional(v.pipe(v.string(), v.description("The version that is to handle it."))),
});

const unheard = {
  application_not_found: 404,
  application_unavailable: 503,
  room_not_found: 404,
  no_handler: 409,
  busy: 503,
};

/** Makes the routes by which scripts are told something. */
export function eventRoutes(view: ServerView): Route[] {
  const emit = (application: string, room: string | null, { type, data }: v.InferOutput<typeof event>) => {
    view.emit(application, room, type, dataText(data));
    const runs = room === null ? undefined : view.room(application, room, { users: 0 });
    const version = runs?.version ?? view.application(application)?.version;
    return { queued: true as const, ...(version !== undefined && { version }) };
  };
  const common = {
    method: "post",
    scope: "operate",
    doing: "emit",
    body: event,
    answer: queued,
    statuses: { 202: "It waits for the script." },
    failures: unheard,
  } as const;
  return [
    route({
      ...common,
      id: "emit",
      path: "/applications/{application}/emit",
      summary:
        "Makes an event for the application's script, which `emits.<type>` handles; nobody hears its answer.",
      handle: ({ params, body }) => emit(applicationOf(view, params).name, null, body),
    }),
    route({
      ...common,
      id: "emitToRoom",
      path: "/applications/{application}/rooms/{room}/emit",
      summary: "Makes an event for a room's script, which `emits.<type>` handles; nobody hears its answer.",
      handle: ({ params, body }) => emit(applicationOf(view, params).name, params.room ?? "", body),
    }),
  ];
}
