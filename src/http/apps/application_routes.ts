import { type Context, Hono } from "hono";
import type { Pages } from "../../core/view/pages.ts";
import type { Bindings } from "../access/access.ts";
import { problem } from "../problem.ts";
import { pageAnswer } from "./page_answer.ts";

/** One request to an application, below `/apps/<application>`. */
export interface ApplicationRequest {
  readonly application: string;
  /** What stands behind the application in the address, as it came, not decoded: `/made`, at least `/`. */
  readonly path: string;
  /** Hono's, with the request and the peer's address. */
  readonly context: Context<{ Bindings: Bindings }>;
}

/** Answers what no page does; resolves with undefined where the application takes no requests. */
export type AskApplication = (request: ApplicationRequest) => Promise<Response | undefined>;

/** What is behind `/apps`; each may be missing. */
export interface ApplicationRoutesParts {
  readonly pages?: Pages | undefined;
  /** Asked where no page was found. */
  readonly ask?: AskApplication | undefined;
}

const ROOT = "/apps/";

/**
 * Makes what answers below `/apps/<application>`: its pages, then the application itself. `has` returns true if there is an
 * application of that name.
 */
export function createApplicationRoutes(
  { pages, ask }: ApplicationRoutesParts,
  has: (application: string) => boolean,
): Hono<{ Bindings: Bindings }> {
  const routes = new Hono<{ Bindings: Bindings }>();
  routes.all(`${ROOT}*`, async (context) => {
    const request = requestOf(context);
    if (!request) return nothing();
    const { method } = context.req.raw;
    const isReading = method === "GET" || method === "HEAD";
    if (isReading && request.path === "" && has(request.application)) return toFolder(context);
    const page = await pageAt(request, pages);
    if (page === "folder" && isReading) return toFolder(context);
    if (page && page !== "folder")
      return isReading
        ? pageAnswer(page, context.req.raw)
        : problem(405, "method_not_allowed", `Cannot ${method} this: it is a page, and takes GET, HEAD.`, {
            allow: "GET, HEAD",
          });
    return (await ask?.({ ...request, path: request.path || "/" })) ?? nothing();
  });
  return routes;
}

function nothing(): Response {
  return problem(404, "not_found", "There is nothing at this address.");
}

/** Finds the page that a request asks for. */
async function pageAt({ application, path }: ApplicationRequest, pages: Pages | undefined) {
  const names = decoded(path.slice(1));
  return names && path !== "" ? await pages?.find(application, names) : undefined;
}

/** Returns the names of a path; undefined where one is not UTF-8. */
function decoded(path: string): string[] | undefined {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Sends a browser to the address with a slash at its end, below which relative addresses of a page are. */
function toFolder({ req }: Context): Response {
  const { pathname, search } = new URL(req.url);
  return new Response(null, {
    status: 307,
    headers: { location: `${pathname}/${search}`, "cache-control": "no-cache" },
  });
}

/** Returns what a request asks which application for, by its address without `..`; undefined where that leads elsewhere. */
function requestOf(context: Context<{ Bindings: Bindings }>): ApplicationRequest | undefined {
  const { pathname } = new URL(context.req.url);
  if (!pathname.startsWith(ROOT)) return undefined;
  const end = pathname.indexOf("/", ROOT.length);
  const [application] =
    decoded(end < 0 ? pathname.slice(ROOT.length) : pathname.slice(ROOT.length, end)) ?? [];
  if (!application) return undefined;
  return { application, path: end < 0 ? "" : pathname.slice(end), context };
}
