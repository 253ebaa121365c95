import { Applications } from "./core/application/applications.ts";
import { systemClock } from "./core/ports/clock.ts";
import type { ConnectionLimits } from "./core/connection/connection.ts";
import { Connections } from "./core/connection/connections.ts";
import { RequestDispatcher } from "./core/connection/request_dispatcher.ts";
import { messageOf } from "./core/extension/extension.ts";
import type { Log } from "./core/ports/log.ts";
import { Ticker } from "./core/extension/ticker.ts";
import type { ServerState } from "./core/view/server_view.ts";
import { LiveVersionControl } from "./core/view/version_control.ts";
import { LiveServerView } from "./core/view/live_server_view.ts";
import { StripCache } from "./source/compile/strip_cache.ts";
import { Stripper } from "./source/compile/stripper.ts";
import { type Change, ExtensionsWatcher } from "./source/watch/extensions_watcher.ts";
import { createHttp } from "./http/app.ts";
import { currentPlatform } from "./platform/current.ts";
import type { Upgrade } from "./platform/platform.ts";
import { goroomserver } from "./protocol/goroomserver/codec.ts";
import { hotroom, subprotocol } from "./protocol/hotroom/codec.ts";
import { ScriptHosts } from "./script/server/script_hosts.ts";
import { tethered } from "./process/parent_tether.ts";
import packageJson from "../package.json" with { type: "json" };

/** What a server is started with. */
export interface ServerOptions {
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** The folder of the applications. */
  readonly extensions: string;
  /** Script host processes; 0 runs scripts in this process. */
  readonly hosts: number;
  /** Whether one more is kept warm, for builds and in the place of one that dies. */
  readonly spare?: boolean;
  /** Folder in which stripped sources outlive the server; without it every start strips them anew. */
  readonly cache?: string;
  readonly limits: ConnectionLimits;
  /** Connections at one time; without it as many as the system has file descriptors for. */
  readonly maxConnections?: number | undefined;
  /** Connections of one address, 0 for no limit; without it 1,000, and no limit for this machine's own addresses. */
  readonly maxConnectionsPerAddress?: number | undefined;
  readonly adminToken?: string;
  readonly log: Log;
}

/** A running server. */
export interface Server {
  readonly port: number;
  readonly url: string;
  /** Resolves when the applications that were there at the start are loaded, or have failed to be. */
  readonly ready: Promise<void>;
  readonly view: LiveServerView;
  /** Drains: no new connections, events in hand finish, clients get a close code that says come back. */
  stop(): Promise<void>;
}

/** Longest time that a draining server waits for clients to close, ms. */
const drainGrace = 5000;

/** Starts a server; rejects where the address can't be had. The only place where concrete classes meet. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { log } = options;
  const clock = systemClock;
  let state: ServerState = "starting";

  const platform = await currentPlatform();
  const scripts = new ScriptHosts({ hosts: options.hosts, spare: options.spare ?? false, log, clock });
  const makeGroup = () => listener.group();
  const applications = new Applications({ scripts, clock, log, makeGroup, ticker: new Ticker(clock) });
  const dispatcher = new RequestDispatcher((name) => applications.find(name));
  const connections = new Connections({
    clock,
    log,
    limits: options.limits,
    handle: (connection, request) => dispatcher.handle(connection, request),
  });
  const process = {
    version: packageJson.version,
    runtime: platform.name,
    runtimeVersion: platform.version,
    startedAt: clock.now(),
  };
  const view = new LiveServerView(process, () => state, applications, scripts);
  const http = createHttp(view, {
    adminToken: options.adminToken,
    versions: new LiveVersionControl(applications),
    onError: (error) => log("error", `Cannot answer a request: ${error.stack ?? error.message}`),
  });

  const upgrade = (request: Request): Upgrade | Response | undefined => {
    const { pathname } = new URL(request.url);
    if (state === "draining") return problem(503, "draining", "The server is stopping; come back.");
    if (pathname === "/") return { handler: connections.accept(goroomserver) };
    if (!pathname.startsWith("/ws/")) return undefined;
    const name = decode(pathname.slice("/ws/".length));
    const application = applications.find(name);
    if (application) {
      const offered = request.headers.get("sec-websocket-protocol")?.split(/\s*,\s*/) ?? [];
      const handler = connections.accept(hotroom, application);
      return offered.includes(subprotocol) ? { handler, protocol: subprotocol } : { handler };
    }
    if (state === "starting")
      return problem(503, "starting", "The server is loading its applications; come back.");
    if (applications.entry(name))
      return problem(503, "application_unavailable", `Application "${name}" has no version that works.`);
    return problem(404, "application_not_found", `There is no application "${name}".`);
  };

  const listening = platform.listen({
    hostname: options.host,
    port: options.port,
    fetch: (request, remote) => http.fetch(request, { remote }),
    upgrade,
    onError: (error, during) => log("error", `Cannot finish ${during}: ${messageOf(error)}`),
    warn: (message) => log("warn", message),
    maxConnections: options.maxConnections,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress,
  });
  const apply = async (change: Change) => {
    await listening;
    if (change.kind === "removed") return applications.remove(change.application);
    if (change.kind === "broken") return applications.broken(change.application, change.error);
    return applications.update(change.build);
  };
  const cache =
    options.cache === undefined ? undefined : new StripCache(options.cache, (text) => log("debug", text));
  const watcher = new ExtensionsWatcher({
    folder: options.extensions,
    stripper: new Stripper({ cache, tether: tethered }),
    log,
    onChange: (change) => void apply(change),
  });
  const started: Promise<void>[] = [];
  const scanned = watcher.scan((change) => started.push(apply(change)));

  // Script hosts are running by now; without an address they would keep this process alive.
  const listener = await listening.catch(async (error: unknown) => {
    watcher.close();
    await Promise.allSettled(started);
    await scripts.stop();
    throw error;
  });
  const ready = scanned.then(async () => {
    await Promise.all(started);
    if (state === "starting") state = "ready";
  });

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    state = "draining";
    watcher.close();
    await applications.close("The server is stopping.");
    connections.close();
    const cancel = clock.after(drainGrace, () => void listener.terminate());
    await listener.close();
    cancel();
    await scripts.stop();
  };

  const { port, hostname } = listener;
  const url = `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  return { port, url, ready, view, stop: () => (stopping ??= stop()) };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return ""; // No application has that name: a path that is no UTF-8 is answered as any unknown one.
  }
}

function problem(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}
