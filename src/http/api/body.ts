import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import * as v from "valibot";
import { unsoundness } from "../../protocol/frame.ts";
import { problem } from "../problem.ts";

/** What a request says, or the answer that says what is wrong with it. */
export type Read<Output> = { ok: true; output: Output } | { ok: false; answer: Response };

/** Makes what refuses a request whose body has more than `bytes`, before it is read. */
export function limitBody(bytes: number): MiddlewareHandler {
  const message = `Cannot take the request: its body has more than ${bytes} bytes.`;
  return bodyLimit({ maxSize: bytes, onError: () => problem(413, "too_large", message) });
}

/**
 * Reads a JSON body and checks it; `doing` begins the messages. Only `application/json` is taken: a form of a page
 * elsewhere can't send that without being asked for permission first.
 */
export async function readBody<Schema extends v.GenericSchema>(
  c: Context,
  doing: string,
  schema: Schema,
): Promise<Read<v.InferOutput<Schema>>> {
  const refuse = (status: 400 | 415, code: string, why: string) => ({
    ok: false as const,
    answer: problem(status, code, `Cannot ${doing}: ${why}.`),
  });
  const mediaType = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/json")
    return refuse(415, "unsupported_media_type", "the body must be application/json");
  let body: unknown;
  try {
    body = JSON.parse(await c.req.text());
  } catch {
    return refuse(400, "bad_request", "the body is not JSON");
  }
  // To a schema a list is an object, too.
  if (Array.isArray(body)) return refuse(400, "bad_request", "the body is a list");
  const unsound = unsoundness(body);
  if (unsound !== undefined) return refuse(400, "bad_request", unsound);
  return checked(doing, schema, body);
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
  const { success, output, issues } = v.safeParse(schema, value);
  if (success) return { ok: true, output };
  const path = v.getDotPath(issues[0]);
  const why = issues[0].message.replace(/\.$/, "");
  const told = path === null ? why : `${path}: ${why}`;
  return { ok: false, answer: problem(400, "bad_request", `Cannot ${doing}: ${told}.`) };
}
