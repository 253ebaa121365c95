import * as v from "valibot";
import { HotroomError } from "../../../core/errors.ts";
import type { VersionControl } from "../../../core/view/version_control.ts";
import { type Route, route } from "../route.ts";
import { count } from "../schemas/words.ts";

const ms = (text: string) => v.pipe(v.number(), v.description(text));

const handler = v.object({
  type: v.pipe(v.nullable(v.string()), v.description("Type of the room; null is the application itself.")),
  handler: v.pipe(
    v.string(),
    v.description("As the definition has it: `messages.say`, `tick`; `(other)` is all else."),
  ),
  version: v.string(),
  events: count,
  cpu: ms("CPU time of all its events, ms: measured for many together and split."),
  failures: v.pipe(count, v.description("Events at which it threw, or ran into a limit.")),
  worst: ms("CPU time of the event that took the longest, ms."),
});

/** Makes the route about what the handlers of an application use. */
export function handlerRoutes(control: VersionControl): Route[] {
  return [
    route({
      id: "handlers",
      method: "get",
      path: "/applications/{application}/handlers",
      scope: "read",
      summary: "What each handler has used, in the live version and in the one before it.",
      doing: "tell the handlers",
      answer: v.object({ handlers: v.array(handler) }),
      statuses: { 200: "The handlers that have had an event, those of the live version first." },
      failures: { application_not_found: 404 },
      handle: ({ params: { application = "" } }) => {
        const handlers = control.handlers(application);
        if (handlers) return { handlers };
        const message = `No version of an application ${JSON.stringify(application)} runs.`;
        throw new HotroomError("application_not_found", message);
      },
    }),
  ];
}
