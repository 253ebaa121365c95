import { type Context, Hono } from "hono";
import type { Pages } from "../../core/view/pages.ts";
import type { Bindings } from "../access.ts";
import { problem } from "../problem.ts";

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

/** Makes what answers below `/apps/<application>`: its pages, then the application itself. */
export function createApplicationRoutes({ ask }: ApplicationRoutesParts): Hono<{ Bindings: Bindings }> {
  const routes = new Hono<{ Bindings: Bindings }>();
  routes.all(`${ROOT}:application/*`, async (context) => {
    const request = { application: context.req.param("application"), path: pathOf(context), context };
    return (await ask?.(request)) ?? problem(404, "not_found", "There is nothing at this address.");
  });
  return routes;
}

/** Returns what stands behind the application's name in a request's address. */
function pathOf({ req }: Context): string {
  const { pathname } = new URL(req.url);
  const end = pathname.indexOf("/", ROOT.length);
  return end < 0 ? "/" : pathname.slice(end);
}
