import type { Context } from "hono";
import * as v from "valibot";
import { HotroomError } from "../../core/errors.ts";
import { Budget } from "../../core/limit/budget.ts";
import { intricacy, unsoundness } from "../../protocol/frame.ts";
import { readBody as readBytes } from "../request_body.ts";
import { problem } from "../problem.ts";
import { refusal } from "./refusal.ts";

/** How long a body may take, ms. */
const BODY_MS = 30_000;

/** What a request says, or the answer that says what is wrong with it. */
export type Read<Output> = { ok: true; output: Output } | { ok: false; answer: Response };

/** What bounds a body: its bytes, those of all that are under way, and its time, ms. */
export interface BodyLimits {
  readonly bytes: number;
  readonly all?: Budget;
  readonly ms?: number;
}

/** Statuses of what keeps a body from being taken. */
const refused = { timeout: 408, too_large: 413, gone: 499, busy: 503 };
/** Bytes of all bodies that are being read. */
const MOST_BODIES_BYTES = 64 * 1024 * 1024;

/** Returns what bounds all bodies of a server together. */
export function bodiesBudget(): Budget {
  return new Budget(() => MOST_BODIES_BYTES);
}

/**
 * Reads a JSON body and checks it; `doing` begins the messages. Only `application/json` is taken: a form of a page
 * elsewhere can't send that without being asked for permission first.
 */
export async function readBody<Schema extends v.GenericSchema>(
  c: Context,
  doing: string,
  schema: Schema,
  limits: BodyLimits,
): Promise<Read<v.InferOutput<Schema>>> {
  const refuse = (status: 400 | 415, code: string, why: string) => ({
    ok: false as const,
    answer: problem(status, code, `Cannot ${doing}: ${why}.`),
  });
  const mediaType = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/json")
    return refuse(415, "unsupported_media_type", "the body must be application/json");
  let text: string;
  try {
    text = await readText(c.req.raw, limits);
  } catch (error) {
    if (!(error instanceof HotroomError)) throw error;
    return { ok: false, answer: bodyRefusal(error) };
  }
  // Before it is parsed: that, and to check it, holds the sockets up.
  const intricate = intricacy(text);
  if (intricate !== undefined) return refuse(400, "bad_request", intricate);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refuse(400, "bad_request", "the body is not JSON");
  }
  // To a schema a list is an object, too.
  if (Array.isArray(body)) return refuse(400, "bad_request", "the body is a list");
  const unsound = unsoundness(body);
  if (unsound !== undefined) return refuse(400, "bad_request", unsound);
  return checked(doing, schema, body);
}

/** Returns the answer to a request whose body was not taken. */
export function bodyRefusal(error: HotroomError): Response {
  const answer = refusal(error, refused);
  // What was not read of it would be taken for the next request.
  answer.headers.set("connection", "close");
  return answer;
}

/** Resolves with a body as text, an empty one where there is none. Rejects with HotroomError where it is not taken. */
export async function readText(request: Request, { bytes, all, ms = BODY_MS }: BodyLimits): Promise<string> {
  let taken = 0;
  const take = (more: number) => {
    if (all && !all.take(more))
      throw new HotroomError("busy", "Cannot take the request: too much is being sent.");
    taken += more;
  };
  try {
    return new TextDecoder().decode(await readBytes(request, take, ms, bytes));
  } finally {
    all?.give(taken);
  }
}

/** Checks the query string: of a key that repeats the first value counts. */
export function readQuery<Schema extends v.GenericSchema>(
  c: Context,
  doing: string,
  schema: Schema,
): Read<v.InferOutput<Schema>> {
  return checked(doing, schema, c.req.query());
}

function checked<Schema extends v.GenericSchema>(
  doing: string,
  schema: Schema,
  value: unknown,
): Read<v.InferOutput<Schema>> {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return { ok: true, output };
  const path = v.getDotPath(issues[0]);
  const why = issues[0].message.replace(/\.$/, "");
  const told = path === null ? why : `${path}: ${why}`;
  return { ok: false, answer: problem(400, "bad_request", `Cannot ${doing}: ${told}.`) };
}
