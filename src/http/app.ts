import { Hono, type MiddlewareHandler } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import type { Budget } from "../core/limit/budget.ts";
import { systemClock } from "../core/ports/clock.ts";
import type { ServerView } from "../core/view/server_view.ts";
import { type ApiEnv, letIn, type TokenSource } from "./access/access.ts";
import { ApiTokens } from "./access/api_tokens.ts";
import { type ApiParts, apiRoutes, createApi } from "./api/api.ts";
import { bodiesBudget } from "./api/body.ts";
import type { Route } from "./api/route.ts";
import { openApiOf } from "./api/openapi.ts";
import { type ApplicationRoutesParts, createApplicationRoutes } from "./apps/application_routes.ts";
import { createAssets } from "./assets.ts";
import { createApiPage } from "./console/api_page.ts";
import { createConsolePage } from "./console/console_page.ts";
import { ConsoleSessions, type SessionKeeper } from "./access/console_sessions.ts";
import { problem } from "./problem.ts";

/** Routes of a program that embeds the server, made with Hono of whatever kind. */
// biome-ignore lint/suspicious/noExplicitAny: what a program's own handlers bind and answer is its own business.
export type OwnRoutes = Hono<any, any, any>;

/** Adds what assistants of developers are given. */
export type Assistants = (to: {
  readonly app: Hono<ApiEnv>;
  /** Lets nobody through who may not use the API. */
  readonly guard: MiddlewareHandler<ApiEnv>;
  readonly routes: readonly Route[];
  readonly version: string;
  /** Bounds the bodies that are being read, with those of the API. */
  readonly bodies: Budget;
}) => void;

/** How the server's HTTP is set up, with what the API shows and does. */
export interface HttpOptions extends Omit<ApiParts, "view" | "pages"> {
  /** Asked before all that the server has itself; with what they don't answer that goes on. */
  readonly routes?: OwnRoutes | undefined;
  /** A token that may do all; without it and `tokens` the API answers on this machine only. */
  readonly adminToken?: string | undefined;
  /** Tokens that may do what their scopes say. */
  readonly tokens?: TokenSource | undefined;
  /** What opens the console, beside tokens; without it there is none. */
  readonly consoleSecret?: string | undefined;
  /** Where the console's sessions outlive the server. */
  readonly sessions?: SessionKeeper | undefined;
  /** Whether the API lets nobody in without a token, on this machine neither. */
  readonly onlyByToken?: boolean | undefined;
  /** What assistants of developers are given: docs, and the API by the Model Context Protocol; without it nothing is. */
  readonly assistants?: Assistants | undefined;
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
export function createHttp(view: ServerView, options: HttpOptions = {}): Hono<ApiEnv> {
  const { routes, consoleSecret, adminToken, sessions: keeper, onError, apps = {} } = options;
  const app = new Hono<ApiEnv>();

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
  const sources = tokenSources(options);
  const sessions =
    consoleSecret === undefined
      ? undefined
      : new ConsoleSessions(systemClock, consoleSecret, sources, keeper, adminToken !== undefined);
  const parts = { ...options, view, pages: apps.pages };
  if (sessions)
    app.route(
      "/",
      createApiPage(() => openApiOf(view.process.version, apiRoutes(parts))),
    );
  app.use("/api/*", letIn(sources, sessions));
  const { version } = view.process;
  const bodies = bodiesBudget();
  options.assistants?.({ app, guard: letIn(sources), routes: apiRoutes(parts), version, bodies });
  app.route("/api", createApi(parts, bodies));
  if (sessions) app.route("/", createConsolePage(sessions));
  app.route("/", createAssets(sessions !== undefined));
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

/** Returns where tokens come from; one that has none refuses everybody. */
function tokenSources({ adminToken, tokens, onlyByToken = false }: HttpOptions): TokenSource[] {
  const ofAdmin = ApiTokens.ofAdmin(adminToken);
  return [
    ...(adminToken !== undefined || (onlyByToken && !tokens) ? [{ current: async () => ofAdmin }] : []),
    ...(tokens ? [tokens] : []),
  ];
}
