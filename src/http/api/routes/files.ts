import type { Context } from "hono";
import * as v from "valibot";
import type { EditTrials } from "../../../core/edit/edit_trials.ts";
import { HotroomError } from "../../../core/errors.ts";
import type { Files } from "../../../core/view/files.ts";
import { problem } from "../../problem.ts";
import { type Route, route } from "../route.ts";
import { rehearsal } from "../schemas/versions.ts";
import { count } from "../schemas/words.ts";

const PATH = "/applications/{application}";
const TEXT = "text/plain; charset=utf-8";
/** Bytes of a request with files: JSON of one that is as large as a file may be. */
const BODY_BYTES = 2 * 1024 * 1024;

const failures = { application_not_found: 404, not_allowed: 403, file_not_found: 404, too_large: 413 };
const query = v.object({ path: v.pipe(v.string(), v.maxLength(256)) });

/** Where edits are written, and tried before. */
export interface EditorParts {
  readonly files: Files;
  readonly trials: EditTrials;
}

/** Makes the routes of an editor: what files there are, what they hold, and what an edit of them would come to. */
export function fileRoutes({ files, trials }: EditorParts): Route[] {
  return [
    route({
      id: "files",
      method: "get",
      path: `${PATH}/files`,
      scope: "edit",
      summary: "The text files of an application.",
      doing: "list the files",
      answer: v.object({ files: v.array(v.object({ path: v.string(), bytes: count })), more: v.boolean() }),
      statuses: { 200: "The files, sorted by path." },
      failures,
      handle: ({ params: { application = "" } }) => files.list(application),
    }),
    route({
      id: "file",
      method: "get",
      path: `${PATH}/file`,
      scope: "edit",
      summary: "What a file holds; the ETag is needed to write it.",
      doing: "read the file",
      query,
      answer: TEXT,
      statuses: { 200: "The text." },
      failures,
      handle: async ({ params: { application = "" }, query: { path }, context }) => {
        const { text, tag } = await files.read(application, path);
        return context.body(text, 200, { "content-type": TEXT, etag: tag });
      },
    }),
    route({
      id: "writeFile",
      method: "put",
      path: `${PATH}/file`,
      scope: "edit",
      summary: "Writes a file: with If-Match what was read, with If-None-Match: * a new one.",
      doing: "write the file",
      query,
      body: v.strictObject({ text: v.string() }),
      bodyBytes: BODY_BYTES,
      answer: v.object({ path: v.string(), etag: v.string() }),
      statuses: { 200: "It is written." },
      failures: { ...failures, file_changed: 412 },
      handle: async ({ params: { application = "" }, query: { path }, body, context }) => {
        const known = knownTag(context);
        if (known === undefined)
          return problem(
            428,
            "precondition_required",
            "Cannot write the file: it takes If-Match or If-None-Match: *.",
          );
        try {
          const etag = await files.write(application, path, body.text, known);
          context.header("etag", etag);
          return { path, etag };
        } catch (error) {
          if (!(error instanceof HotroomError) || error.code !== "file_changed") throw error;
          const now = await files.read(application, path).catch(() => undefined);
          return problem(412, error.code, error.message, now ? { etag: now.tag } : {});
        }
      },
    }),
    route({
      id: "rehearseFiles",
      method: "post",
      path: `${PATH}/files/rehearse`,
      scope: "edit",
      summary: "Tries an application with other files on copies of its rooms; nothing is written.",
      doing: "rehearse the edit",
      body: v.strictObject({
        files: v.pipe(v.record(v.pipe(v.string(), v.maxLength(256)), v.string()), v.maxEntries(100)),
      }),
      bodyBytes: BODY_BYTES,
      answer: rehearsal,
      statuses: { 200: "What would happen." },
      failures: { application_unavailable: 404, build_failed: 422, busy: 429 },
      handle: ({ params: { application = "" }, body }) => trials.rehearse(application, body.files),
    }),
  ];
}

/** Returns the tag that a request replaces, null where there is to be nothing yet; undefined where it says neither. */
function knownTag({ req }: Context): string | null | undefined {
  return req.header("if-match") ?? (req.header("if-none-match") === "*" ? null : undefined);
}
