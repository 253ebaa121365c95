import * as v from "valibot";
import type { EditFeed } from "../../../core/edit/edit_feed.ts";
import type { ServerView } from "../../../core/view/server_view.ts";
import { applicationOf } from "../missing.ts";
import { type Route, route } from "../route.ts";
import { editStep } from "../schemas/edit_step.ts";
import { count } from "../schemas/words.ts";

/** Makes the route that tells what has become of edits. */
export function feedRoutes(view: ServerView, feed: EditFeed): Route[] {
  return [
    route({
      id: "feed",
      method: "get",
      path: "/applications/{application}/feed",
      scope: "read",
      summary: "What has become of the last edits of an application, step by step.",
      doing: "tell of edits",
      query: v.object({
        after: v.optional(v.pipe(v.string(), v.regex(/^\d{1,9}$/), v.transform(Number)), "0"),
      }),
      answer: v.object({ entries: v.array(editStep), next: count }),
      statuses: { 200: "The steps behind that of the number `after`, oldest first." },
      failures: { application_not_found: 404 },
      handle: ({ params, query }) => {
        const { name } = applicationOf(view, params);
        return { entries: feed.after(query.after, name), next: feed.last };
      },
    }),
  ];
}
