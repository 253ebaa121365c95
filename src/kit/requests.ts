import * as v from "valibot";

/** Characters of what a test names. */
const MOST_NAME = 200;
/** Longest time that a test lets pass at once, ms. */
const MOST_ADVANCE_MS = 366 * 24 * 60 * 60 * 1000;

const number = v.pipe(v.number(), v.integer());
const text = v.pipe(v.string(), v.maxLength(MOST_NAME));

const failure = v.object({
  message: v.string(),
  position: v.optional(v.object({ file: v.string(), line: number, column: number })),
});

const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(MOST_ADVANCE_MS));

/** What another server answers a fetch. */
const answer = v.strictObject({
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599))),
  headers: v.optional(v.record(v.string(), v.string())),
  body: v.optional(v.unknown()),
  after: v.optional(milliseconds),
  error: v.optional(
    v.strictObject({
      code: v.picklist(["not_allowed", "timeout", "too_large", "unreachable", "busy"]),
      message: v.string(),
    }),
  ),
});

const options = v.strictObject({
  fetch: v.optional(v.record(v.string(), answer)),
  room: v.optional(text),
  type: v.optional(text),
  config: v.optional(v.unknown()),
  env: v.optional(v.record(text, v.string())),
});

const frame = v.object({
  event: v.picklist(["join", "create", "message", "leave", "logout"]),
  room: v.optional(v.unknown()),
  type: v.optional(v.unknown()),
  data: v.optional(v.unknown()),
  /** In the place of data: each byte as the character of its number. */
  bytes: v.optional(v.pipe(v.string(), v.regex(/^[\0-\xff]*$/))),
});

/** What a test's code asks the runner for; `id` is for the answer. */
const requestSchema = v.variant("kind", [
  v.object({ kind: v.literal("open"), id: number, stage: number, application: text, options }),
  v.object({
    kind: v.literal("user"),
    id: number,
    stage: number,
    user: number,
    name: text,
    data: v.optional(v.record(v.string(), v.unknown())),
  }),
  v.object({
    kind: v.literal("advance"),
    id: number,
    stage: number,
    ms: milliseconds,
  }),
  v.object({
    kind: v.literal("edit"),
    id: number,
    stage: number,
    files: v.record(v.string(), v.nullable(v.string())),
  }),
  v.object({
    kind: v.literal("http"),
    id: number,
    stage: number,
    path: v.string(),
    options: v.strictObject({
      method: v.optional(v.string()),
      headers: v.optional(v.record(v.string(), v.string())),
      body: v.optional(v.string()),
    }),
  }),
  v.object({ kind: v.literal("state"), id: number, stage: number, room: v.nullable(text) }),
  v.object({ kind: v.literal("request"), id: number, user: number, frame }),
  v.object({ kind: v.literal("drop"), id: number, user: number }),
  v.object({ kind: v.literal("resume"), id: number, user: number }),
  /** The test is over. */
  v.object({ kind: v.literal("done"), failure: v.optional(failure) }),
]);

/** One thing that a test's code asks the runner for. */
export type TestRequest = v.InferOutput<typeof requestSchema>;
/** Why a test has failed, as its code tells. */
export type TestFailure = v.InferOutput<typeof failure>;

/** Returns a request as it was written, checked; or what is wrong with it, for the number that it has. */
export function requestOf(value: unknown): TestRequest | { readonly id: number; readonly problem: string } {
  const result = v.safeParse(requestSchema, value);
  if (result.success) return result.output;
  const { id = 0, kind } = Object(value) as { id?: unknown; kind?: unknown };
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  const problem = `Cannot ${String(kind)}${path ? `: ${path}` : ""}: ${issue.message}.`;
  return { id: typeof id === "number" ? id : 0, problem };
}

/** The names of a file's tests. */
export const namesSchema = v.array(v.string());
