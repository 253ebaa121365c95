import * as v from "valibot";
import type { ServerView } from "../../../core/view/server_view.ts";
import type { SourceFiles } from "../../../core/view/source_files.ts";
import { applicationOf } from "../missing.ts";
import { type Route, route } from "../route.ts";
import { count } from "../schemas/words.ts";

/** Bytes of a request that saves a file: JSON makes a text of 1 MB longer. */
const SAVED_BYTES = 2 * 1024 * 1024;
/** Characters of a file that is saved. */
const MAX_TEXT = 1024 * 1024;
const FILE = "/applications/{application}/file";

const path = v.pipe(v.string(), v.nonEmpty(), v.maxLength(512));
const tag = v.pipe(v.string(), v.maxLength(64), v.description("What this state of the file is known by."));
const failures = {
  application_not_found: 404,
  file_not_found: 404,
  not_writable: 409,
  not_text: 409,
  file_changed: 412,
  too_large: 413,
};

/** Makes the routes about the files of applications. */
export function fileRoutes(view: ServerView, files: SourceFiles): Route[] {
  return [
    route({
      id: "files",
      method: "get",
      path: "/applications/{application}/files",
      scope: "read",
      summary:
        "The files of an application: sources, settings, and the texts of its pages; and the line that wants to be edited first.",
      doing: "list the files",
      answer: v.object({
        files: v.array(v.object({ path: v.string(), bytes: count })),
        isWritable: v.boolean(),
        invitation: v.pipe(
          v.optional(v.object({ path: v.string(), line: count })),
          v.description("The line below a comment `Edit this line and watch`, 1-based."),
        ),
      }),
      statuses: { 200: "The files; none where the program gives them." },
      failures,
      handle: async ({ params }) =>
        (await files.list(applicationOf(view, params).name)) ?? { files: [], isWritable: false },
    }),
    route({
      id: "file",
      method: "get",
      path: FILE,
      scope: "read",
      summary: "One file.",
      doing: "read the file",
      query: v.strictObject({ path }),
      answer: v.object({ path: v.string(), text: v.string(), tag }),
      statuses: { 200: "The file." },
      failures,
      handle: ({ params, query }) => files.read(applicationOf(view, params).name, query.path),
    }),
    route({
      id: "saveFile",
      method: "put",
      path: FILE,
      scope: "edit",
      summary: "Saves a file that is there, which is an edit as any other.",
      doing: "save the file",
      body: v.strictObject({ path, text: v.pipe(v.string(), v.maxLength(MAX_TEXT)), tag }),
      bodyBytes: SAVED_BYTES,
      answer: v.object({ path: v.string(), tag }),
      statuses: { 200: "It is saved." },
      failures,
      handle: async ({ params, body }) => ({
        path: body.path,
        tag: await files.write(applicationOf(view, params).name, body),
      }),
    }),
  ];
}
