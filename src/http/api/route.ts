import type { Context, Hono, MiddlewareHandler } from "hono";
import type * as v from "valibot";
import { type ApiEnv, refuseScope } from "../access/access.ts";
import type { Budget } from "../../core/limit/budget.ts";
import type { Scope } from "../access/scope.ts";
import { readBody, readQuery } from "./body.ts";
import type { Follow } from "./follow.ts";
import { refusal } from "./refusal.ts";

/** Bytes of a body where a route says nothing. */
const BODY_BYTES = 64 * 1024;

/** What answers look like to their readers: what is read only here is so all the way down. */
export type Told<T> = T extends readonly (infer Each)[]
  ? readonly Told<Each>[]
  : T extends object
    ? { readonly [Key in keyof T]: Told<T[Key]> }
    : T;

/** A request that has been let in and checked. */
export interface Asked<Query, Body> {
  /** What stands in the path, decoded and not checked: whoever looks it up finds nothing. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Hono's: `context.status(202)` answers with another status than the first one. */
  readonly context: Context<ApiEnv>;
}

/** One thing that the API does: all that is known of it, once for who calls it, for the document and for who may. */
export interface RouteOf<
  Query extends v.GenericSchema,
  Body extends v.GenericSchema,
  Answer extends v.GenericSchema,
> {
  /** Its name, by which clients that are generated call it: `updateRoom`. */
  readonly id: string;
  readonly method: "get" | "put" | "post" | "patch" | "delete";
  /** Below `/api`: `/applications/{application}/rooms`. */
  readonly path: string;
  /** What a token must have; undefined where any will do. */
  readonly scope: Scope | undefined;
  /** One sentence. */
  readonly summary: string;
  /** What it does in messages: "create the room". */
  readonly doing: string;
  /** Of the query string, whose values are texts; without one it is not looked at. */
  readonly query?: Query;
  /** Of the body, which is JSON; without one there is none. */
  readonly body?: Body;
  /** The most that the body may have. */
  readonly bodyBytes?: number;
  /** Of the answer, which is JSON; or the media type of one that is something else, which `handle` makes as a Response. */
  readonly answer: Answer | string;
  /** Statuses of answers, each with what it means; the first is that of an answer that says nothing else. */
  readonly statuses: Readonly<Record<number, string>>;
  /** Statuses of what the core refuses, by code; anything else that is thrown is the server's fault, and 500. */
  readonly failures?: Readonly<Record<string, number>>;
  handle(
    asked: Asked<v.InferOutput<Query>, v.InferOutput<Body>>,
  ): Promise<Told<v.InferInput<Answer>> | Response> | Told<v.InferInput<Answer>> | Response;
}

/** A route of whatever schemas. */
export type Route = RouteOf<v.GenericSchema, v.GenericSchema, v.GenericSchema>;

/** Declares a route, whose handler is checked against its schemas. */
export function route<
  Query extends v.GenericSchema,
  Body extends v.GenericSchema,
  Answer extends v.GenericSchema,
>(declared: RouteOf<Query, Body, Answer>): Route {
  return declared as unknown as Route;
}

/**
 * Has routes answered below where `api` is mounted: who lacks the scope is refused before anything is read. `bodies` bounds all that are
 * being read.
 */
export function mount(api: Hono<ApiEnv>, routes: readonly Route[], bodies: Budget, follow?: Follow): void {
  for (const each of routes) {
    const path = each.path.replace(/\{(\w+)\}/g, ":$1");
    const [status] = Object.keys(each.statuses).map(Number);
    api.on(each.method.toUpperCase(), path, guard(each), async (c) => {
      c.header("cache-control", "no-store");
      c.status(status as 200);
      return answer(c, each, follow, bodies);
    });
  }
}

/** Makes what refuses who may not. */
function guard({ scope }: Route): MiddlewareHandler<ApiEnv> {
  return async (c, next) => refuseScope(c.get("grant"), scope) ?? next();
}

async function answer(c: Context<ApiEnv>, route: Route, follow: Follow | undefined, all: Budget) {
  const { doing, query, body, bodyBytes = BODY_BYTES, failures = {}, handle, method, id } = route;
  const asked = query && readQuery(c, doing, query);
  if (asked && !asked.ok) return asked.answer;
  const read = body && (await readBody(c, doing, body, { bytes: bodyBytes, all }));
  if (read && !read.ok) return read.answer;
  try {
    const params = c.req.param() as Record<string, string>;
    const handled = () => handle({ params, query: asked?.output, body: read?.output, context: c });
    const { application } = params;
    const isFollowed = follow && application !== undefined && method !== "get";
    const told = await (isFollowed ? follow(c.req.raw, application, `API ${id}`, handled) : handled());
    if (!(told instanceof Response)) return c.json(told as object);
    // Of an answer to HEAD nobody reads the body, for which a stream would wait.
    if (c.req.method === "HEAD") await told.body?.cancel();
    return told;
  } catch (error) {
    return refusal(error, failures);
  }
}
