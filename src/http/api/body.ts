import type { Context } from "hono";
import * as v from "valibot";
import { problem } from "../problem.ts";

/** What a request's body says, or the answer that says what is wrong with it. */
export type Body<Output> = { ok: true; output: Output } | { ok: false; answer: Response };

/**
 * Reads a JSON body and checks it; `doing` begins the messages. Only `application/json` is taken: a form of a page
 * elsewhere can't send that without being asked for permission first.
 */
export async function readBody<Schema extends v.GenericSchema>(
  c: Context,
  doing: string,
  schema: Schema,
): Promise<Body<v.InferOutput<Schema>>> {
  const media = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  const refuse = (status: 400 | 415, code: string, why: string) => ({
    ok: false as const,
    answer: problem(status, code, `Cannot ${doing}: ${why}.`),
  });
  if (media !== "application/json")
    return refuse(415, "unsupported_media_type", "the body must be application/json");
  const text = await c.req.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refuse(400, "bad_request", "the body is not JSON");
  }
  const { success, output, issues } = v.safeParse(schema, body);
  if (success) return { ok: true, output };
  const path = v.getDotPath(issues[0]);
  return refuse(
    400,
    "bad_request",
    `${path === null ? "" : `${path}: `}${issues[0].message.replace(/\.$/, "")}`,
  );
}
