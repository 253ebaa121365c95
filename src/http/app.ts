import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import type { VersionControl } from "../core/view/version_control.ts";
import type { ServerView } from "../core/view/server_view.ts";
import { adminOnly, type Bindings } from "./access.ts";
import { createApi } from "./api/admin_api.ts";
import { type ApplicationRoutesParts, createApplicationRoutes } from "./apps/application_routes.ts";
import { createAssets, createPage } from "./assets.ts";
import { problem } from "./problem.ts";
import { createVersionsApi } from "./api/versions_api.ts";

/** Routes of a program that embeds the server, made with Hono of whatever kind. */
// biome-ignore lint/suspicious/noExplicitAny: what a program's own handlers bind and answer is its own business.
export type OwnRoutes = Hono<any, any, any>;

/** How the server's HTTP is set up. */
export interface HttpOptions {
  /** Asked before all that the server has itself; with what they don't answer that goes on. */
  readonly routes?: OwnRoutes | undefined;
  /** Secret that the admin API asks for; without one it answers on this machine only. */
  readonly adminToken?: string | undefined;
  /** Whether the page at `/` is left out, and the API is for tokens only. */
  readonly noConsole?: boolean | undefined;
  /** What the API does about versions; without it, it does nothing. */
  readonly versions?: VersionControl;
  /** What answers below `/apps`; without it nothing is there. */
  readonly apps?: ApplicationRoutesParts;
  /** Hears what a handler threw; the client gets a 500 without it. */
  readonly onError?: (error: Error) => void;
}

/**
 * What every answer forbids browsers, unless it has a header of its own. That the server is reached by HTTPS only, or has its
 * origin to itself, is for a proxy before it to say.
 */
const browserRules = secureHeaders({
  overwrite: false,
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xFrameOptions: "DENY",
});

/** Makes what answers every request but WebSocket upgrades: health, the admin API and the page. */
export function createHttp(
  view: ServerView,
  { routes, adminToken, noConsole = false, onError, versions, apps = {} }: HttpOptions = {},
): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>();

  if (routes) app.route("/", routes);
  app.use(browserRules);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        problem(405, "method_not_allowed", `Cannot ${c.req.method} this: it takes ${methods.join(", ")}.`, {
          allow: methods.join(", "),
        }),
    }),
  );

  app.get("/healthz", (c) => {
    const state = view.state();
    const { version } = view.process;
    c.header("cache-control", "no-store");
    return c.json({ ok: state === "ready", state, version }, state === "ready" ? 200 : 503);
  });
  app.get("/ws/:application", () =>
    problem(426, "upgrade_required", "This address takes WebSocket connections only.", {
      upgrade: "websocket",
    }),
  );
  app.use("/api/*", adminOnly(adminToken, noConsole));
  app.route("/api", createApi(view));
  if (versions) app.route("/api/applications", createVersionsApi(versions));
  if (!noConsole) app.route("/", createPage());
  app.route("/", createAssets());
  app.route(
    "/",
    createApplicationRoutes(apps, (name) => view.application(name) !== undefined),
  );

  app.notFound(() => problem(404, "not_found", "There is nothing at this address."));
  app.onError((error) => {
    onError?.(error);
    return problem(500, "internal", "The server failed; its log says more.");
  });
  return app;
}
