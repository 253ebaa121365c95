import * as v from "valibot";
import type { EditTrials } from "../../../core/edit/edit_trials.ts";
import { type Route, route } from "../route.ts";
import { rehearsal } from "../schemas/versions.ts";

/** Bytes of a request: JSON of a file that is as large as one may be. */
const BODY_BYTES = 2 * 1024 * 1024;
/** Files that are others than on the disk. */
const MOST_FILES = 100;

/** Makes the route that tries edits which are not saved. */
export function trialRoutes(trials: EditTrials): Route[] {
  return [
    route({
      id: "rehearseFiles",
      method: "post",
      path: "/applications/{application}/files/rehearse",
      scope: "edit",
      summary: "Tries an application with other files on copies of its rooms; nothing is written.",
      doing: "rehearse the edit",
      body: v.strictObject({
        files: v.pipe(v.record(v.pipe(v.string(), v.maxLength(512)), v.string()), v.maxEntries(MOST_FILES)),
      }),
      bodyBytes: BODY_BYTES,
      answer: rehearsal,
      statuses: { 200: "What would happen." },
      failures: { application_unavailable: 404, build_failed: 422, busy: 429 },
      handle: ({ params: { application = "" }, body }) => trials.rehearse(application, body.files),
    }),
  ];
}
