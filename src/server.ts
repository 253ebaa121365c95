import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { tokenVerifier } from "./auth/token_verifier.ts";
import { Applications } from "./core/application/applications.ts";
import { type CeilingsInput, ceilingsOf } from "./core/application/ceilings.ts";
import type { ConnectionLimits } from "./core/connection/connection.ts";
import { Connections } from "./core/connection/connections.ts";
import { EditFeed } from "./core/edit/edit_feed.ts";
import { EditTrials, type TrialDeps } from "./core/edit/edit_trials.ts";
import { EditFollowers } from "./core/edit/edit_followers.ts";
import { RequestDispatcher } from "./core/connection/request_dispatcher.ts";
import { DeliveryCount } from "./core/delivery_count.ts";
import { DurableData } from "./core/durable/durable_data.ts";
import { HotroomError, messageOf } from "./core/errors.ts";
import { Ticker } from "./core/extension/ticker.ts";
import { HistoryStore } from "./core/history/history_store.ts";
import { systemClock } from "./core/ports/clock.ts";
import type { Log } from "./core/ports/log.ts";
import type { Observe } from "./core/ports/observe.ts";
import { ServerLifecycle, type StopReport } from "./core/server_lifecycle.ts";
import { AllEventTimes } from "./core/trace/event_times.ts";
import { Tracing, type TracingSettings } from "./core/trace/tracing.ts";
import { LiveRoomControl } from "./core/control/live_room_control.ts";
import { RoomTimelines } from "./core/timeline/room_timelines.ts";
import { LoadHistory } from "./core/view/load_history.ts";
import { RecentLines } from "./core/view/recent_lines.ts";
import { LiveServerView } from "./core/view/live_server_view.ts";
import { LiveUserControl } from "./core/control/live_user_control.ts";
import { RoomTables } from "./core/view/table/room_tables.ts";
import { LiveVersionControl } from "./core/view/live_version_control.ts";
import { WaitingCalls } from "./core/control/waiting_calls.ts";
import { HttpFetcher } from "./fetch/http_fetcher.ts";
import { WebRequests } from "./core/web/web_requests.ts";
import { TokenFile } from "./http/access/token_file.ts";
import { createHttp, type OwnRoutes } from "./http/app.ts";
import { createFollow } from "./http/api/follow.ts";
import { createAsk } from "./http/apps/ask_application.ts";
import { clientAddress } from "./http/client_address.ts";
import { randomText } from "./http/access/console_sessions.ts";
import { LiveStreams } from "./http/live/live_streams.ts";
import { createUpgrades } from "./http/upgrades.ts";
import { addressFault, urlOf } from "./platform/address/address.ts";
import { readCertificate } from "./platform/address/certificate.ts";
import { CertificateWatch } from "./platform/address/certificate_watch.ts";
import { currentPlatform } from "./platform/current.ts";
import { MAX_FRAME_BYTES } from "./platform/platform.ts";
import { tethered } from "./process/parent_tether.ts";
import { hotroom } from "./protocol/hotroom/codec.ts";
import { InProcessHost } from "./script/in_process_host.ts";
import { ScriptHosts } from "./script/server/script_hosts.ts";
import { StripCache } from "./source/compile/strip_cache.ts";
import { Stripper } from "./source/compile/stripper.ts";
import { ApplicationFiles } from "./source/files/application_files.ts";
import { ApplicationPages } from "./source/pages/application_pages.ts";
import { PageModules } from "./source/pages/page_modules.ts";
import { spanSink } from "./telemetry/span_sink.ts";
import { SqliteStore } from "./store/sqlite_store.ts";
import { TrialBuilds } from "./source/watch/trial_builds.ts";
import { apply, applyAll } from "./source/watch/applied_changes.ts";
import { ApplicationSources, type GivenApplications } from "./source/watch/application_sources.ts";
import type { GivenFiles } from "./source/read/given_files.ts";

/** Bytes by which a frame may be too large whose client is told so; with more its connection ends. */
const TOLD_BYTES = 64 * 1024;
/** Default of `ServerOptions.drain`, ms. */
export const DRAIN_MS = 10_000;
/** Default of `ServerOptions.history`, bytes. */
export const HISTORY_BYTES = 64 * 1024 * 1024;

/** What a server is started with. */
export interface ServerOptions {
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Path of a unix socket to listen on, in the place of host and port. */
  readonly unix?: string | undefined;
  /** Files of a certificate and its key, PEM: with them there is TLS only. Looked at again and again, so that they may change. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** The folder of applications; without it there are only those that are given. */
  readonly extensions?: string | undefined;
  /** Applications by name: the path of their file or folder, or their files as texts. */
  readonly applications?: GivenApplications;
  /** The folder of applications that come with the program, whose place those of the extensions folder may take. */
  readonly bundled?: string | undefined;
  /** What is asked before the server's own routes. */
  readonly routes?: OwnRoutes;
  /** Hears what happens in applications. */
  readonly observe?: Observe;
  /** The folder that durable applications are kept in, made when the first one is loaded; without it nothing is durable. */
  readonly data?: string;
  /** Script host processes; 0 runs scripts in this process. */
  readonly hosts: number;
  /** Memory that the sandboxes of one script host may take together, bytes; without it there is no limit. */
  readonly hostMemory?: number | undefined;
  /** Whether one more is kept warm, for builds and in the place of one that dies. */
  readonly spare?: boolean;
  /** Folder in which stripped sources outlive the server; without it every start strips them anew. */
  readonly cache?: string;
  readonly limits: ConnectionLimits;
  /** The most that the file of an application may set, by key; the defaults where a key is not given. */
  readonly ceilings?: CeilingsInput;
  /** Connections at one time; without it as many as the system has file descriptors for. */
  readonly maxConnections?: number | undefined;
  /** Connections of one address, 0 for no limit; without it 1,000, and no limit for this machine's own addresses. */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** Proxies on the way to here whose word is taken for who asks; none where it is absent. */
  readonly trustProxy?: number | undefined;
  /** Whether frames are compressed where the runtime and the client can. */
  readonly compress?: boolean;
  /** Memory for frames that are kept for users who may come back, bytes; 64 MiB where it is absent. */
  readonly history?: number;
  readonly adminToken?: string;
  /** Which events are followed; none where it is absent. */
  readonly tracing?: TracingSettings | undefined;
  /** A file of tokens, each with its scopes, which is taken over when it changes. */
  readonly tokens?: string;
  /** Whether the page at `/` is left out, and the API answers nobody without a token. */
  readonly noConsole?: boolean | undefined;
  /** Whether clients that ask for it are told of edits. */
  readonly dev?: boolean;
  /** How long `stop` may take, ms; 10,000 where it is absent. */
  readonly drain?: number;
  readonly log: Log;
}

/** A running server. */
export interface Server {
  readonly port: number;
  readonly url: string;
  /** Opens the console: an address with its secret, without a server's name at a unix socket; undefined where there is none. */
  readonly consoleUrl: string | undefined;
  /** Resolves when the applications that were there at the start are loaded, or have failed to be. */
  readonly ready: Promise<void>;
  readonly view: LiveServerView;
  readonly applications: Applications;
  /** Answers a request as the server's own HTTP does; `remote` is the IP address of who asks, where that is known. */
  fetch(request: Request, remote?: string): Promise<Response>;
  /** Takes an edit of an application that is given as texts. Rejects with HotroomError. */
  edit(application: string, files: GivenFiles): Promise<void>;
  /**
   * Drains: no new connections, events in hand finish, clients get a close code that says come back. Resolves in `drain` ms or
   * little more, whatever hangs, with what was given up for that.
   */
  stop(): Promise<StopReport>;
}

/** Starts a server; rejects where the address can't be had. The only place where concrete classes meet. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { cache, data, limits, adminToken, trustProxy = 0 } = options;
  const lines = new RecentLines(systemClock, options.log);
  const { log } = lines;
  const { tlsCert, tlsKey, noConsole = false } = options;
  const fault = addressFault(options, (key) => key);
  if (fault) throw new HotroomError("invalid_data", `Cannot use ${fault.key}: ${fault.text}.`);
  const files = tlsCert !== undefined && tlsKey !== undefined && { cert: tlsCert, key: tlsKey };
  const certificate = files ? await readCertificate(files) : undefined;
  const tokenFile =
    options.tokens === undefined ? undefined : await TokenFile.open(options.tokens, systemClock, log);
  const clock = systemClock;
  const lifecycle = new ServerLifecycle(clock, log);
  const state = () => lifecycle.state;
  const platform = await currentPlatform();
  const start = options.hosts === 0 ? InProcessHost.start : undefined;
  const deliveries = new DeliveryCount();
  const eventTimes = new AllEventTimes();
  const scripts = new ScriptHosts({
    hosts: options.hosts,
    hostMemory: options.hostMemory,
    start,
    spare: options.spare ?? false,
    log,
    clock,
    deliveries,
    eventTimes,
    cpu: () => platform.cpuTime(),
  });
  const spans = await spanSink(options.tracing?.endpoint, { version: packageJson.version, clock, log });
  const tracing = options.tracing && new Tracing({ ...options.tracing, clock, log, spans });
  const makeGroup = () => listener.group();
  const ticker = new Ticker(clock);
  const digest = (text: string) => createHash("sha256").update(text).digest("base64url");
  const histories = new HistoryStore(clock, options.history ?? HISTORY_BYTES);
  const openStore = async (folder: string) => {
    const store = await SqliteStore.open({ folder, clock, log });
    log("info", `Durable data is kept in ${store.view.folder}.`);
    return store;
  };
  const open = data === undefined ? undefined : () => openStore(data);
  const durable = open && new DurableData({ clock, log, open });
  // Of what was kept some is needed before anybody is let in.
  if (durable && existsSync(join(data as string, "store.db")))
    await durable.open().catch((error: unknown) => scripts.stop().then(() => Promise.reject(error)));
  const feed = new EditFeed(clock);
  const applications = new Applications(
    {
      ...(durable && { durable }),
      scripts,
      clock,
      log,
      makeGroup,
      ticker,
      deliveries,
      digest,
      histories,
      fetcher: new HttpFetcher(),
      absent: (id) => connections.absent(hotroom, id),
      ...(options.observe && { observe: options.observe }),
      ...(tracing && { tracing }),
    },
    feed,
  );
  if (durable) durable.onFailed = (error) => void applications.restart(error);
  const tokens = tokenVerifier(clock, log);
  const edits = options.dev
    ? new EditFollowers((name) => applications.find(name)?.version.build.version)
    : undefined;
  const dispatcher = new RequestDispatcher((name) => applications.find(name), edits, tokens, tracing);
  const connections = new Connections({
    clock,
    log,
    limits,
    handle: (connection, request) => dispatcher.handle(connection, request),
    deliveries,
    ...(tracing && { tracing }),
  });
  const { name: runtime, version: runtimeVersion } = platform;
  const about = { version: packageJson.version, runtime, runtimeVersion, startedAt: clock.now() };
  const view = new LiveServerView(about, state, applications, scripts, {
    store: () => durable?.view,
    eventTimes,
  });
  const strips = cache === undefined ? undefined : new StripCache(cache, (text) => log("debug", text));
  const stripper = new Stripper({ cache: strips, tether: tethered });
  const placeOf = (name: string) => sources.placeOf(name);
  const ceilings = ceilingsOf(options.ceilings);
  const trials: TrialDeps = { clock, scripts, builds: new TrialBuilds(placeOf, stripper, ceilings) };
  const pageModules = new PageModules(stripper, (application, error) =>
    log("warn", `A page can't be run: ${error.toString()}`, { application }),
  );
  const sources = new ApplicationSources({
    extensions: options.extensions,
    applications: options.applications ?? {},
    bundled: options.bundled,
    ceilings,
    stripper,
    log,
    onChange: (change) => {
      const task = () => apply(applications, change);
      void (edits ? edits.during(change.application, task) : task());
    },
    ...(edits && { onPages: (application: string) => void edits.pagesChanged(application) }),
  });
  const consoleSecret = randomText();
  const calls = new WaitingCalls(clock);
  const follow = createFollow(applications, tracing);
  const history = new LoadHistory(view, clock);
  const http = createHttp(view, {
    routes: options.routes,
    adminToken,
    tokens: tokenFile,
    consoleSecret: noConsole ? undefined : consoleSecret,
    onlyByToken: noConsole,
    rooms: new LiveRoomControl(applications, calls, log),
    users: new LiveUserControl(applications, calls, log),
    versions: new LiveVersionControl(applications),
    timelines: new RoomTimelines(applications, trials),
    trials: new EditTrials(applications, trials),
    files: new ApplicationFiles(placeOf),
    history,
    live: { tables: new RoomTables(applications, clock), streams: new LiveStreams(clock), feed, lines },
    follow,
    apps: {
      pages: new ApplicationPages(placeOf, pageModules),
      ask: createAsk({ applications, requests: new WebRequests(), follow, state }),
    },
    onError: (error) => log("error", `Cannot answer a request: ${error.stack ?? error.message}`),
  });
  if (options.compress && !platform.compresses)
    log("warn", `Frames are not compressed: the WebSockets of ${runtime} can't do that.`);
  const listening = platform.listen({
    hostname: options.host,
    port: options.port,
    unix: options.unix,
    certificate,
    fetch: (request, remote) => http.fetch(request, { remote, isSecure: certificate !== undefined }),
    upgrade: createUpgrades({ applications, connections, state }),
    onError: (error, during) => log("error", `Cannot finish ${during}: ${messageOf(error)}`),
    warn: (message) => log("warn", message),
    maxFrame: Math.max(MAX_FRAME_BYTES, limits.frame) + TOLD_BYTES,
    compress: options.compress === true,
    maxConnections: options.maxConnections,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress,
    addressOf: trustProxy === 0 ? undefined : (headers, peer) => clientAddress(headers, peer, trustProxy),
  });
  // Script hosts are running by now; without an address they would keep this process alive.
  const listener = await listening.catch(async (error: unknown) => {
    history.close();
    await durable?.close();
    await scripts.stop();
    throw error;
  });
  tokenFile?.watch();
  const ready = applyAll(applications, sources).then(() => lifecycle.loaded());
  const use = listener.renew.bind(listener);
  const watch = files && certificate && new CertificateWatch(certificate, { files, log, use });
  const { port, hostname } = listener;
  const url = urlOf({ ...options, host: hostname, port });
  const parts = {
    watcher: {
      close: () => {
        sources.close();
        tokenFile?.close();
        history.close();
      },
    },
    applications,
    connections,
    listener,
    scripts,
    ...(durable && { durable }),
    ...(spans && { spans }),
  };
  const stop = () => {
    if (watch) watch.close();
    return lifecycle.stop(parts, options.drain ?? DRAIN_MS);
  };
  const fetch = async (request: Request, remote?: string) => await http.fetch(request, { remote });
  const edit = async (name: string, files: GivenFiles) => {
    if (sources.placeOf(name))
      throw new HotroomError("not_allowed", `Cannot edit application "${name}": it lies on the disk.`);
    const change = await sources.build(name, files);
    await apply(applications, change);
    const error = applications.entry(name)?.error;
    if (error) throw error;
  };
  const site = options.unix === undefined ? url : "";
  const consoleUrl = noConsole ? undefined : `${site}/?secret=${consoleSecret}`;
  return { port, url, consoleUrl, ready, view, applications, fetch, edit, stop };
}
