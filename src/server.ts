import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { tokenVerifier } from "./auth/token_verifier.ts";
import { Applications } from "./core/application/applications.ts";
import { ceilingsOf } from "./core/application/ceilings.ts";
import { Connections } from "./core/connection/connections.ts";
import { EditFeed } from "./core/edit/edit_feed.ts";
import { EditTrials, type TrialDeps } from "./core/edit/edit_trials.ts";
import { EditFollowers } from "./core/edit/edit_followers.ts";
import { PageEdits } from "./core/edit/page_edits.ts";
import { RequestDispatcher } from "./core/connection/request_dispatcher.ts";
import { DeliveryCount } from "./core/delivery_count.ts";
import { DurableData } from "./core/durable/durable_data.ts";
import { HotroomError, messageOf } from "./core/errors.ts";
import { Ticker } from "./core/extension/ticker.ts";
import { HistoryStore } from "./core/history/history_store.ts";
import { systemClock } from "./core/ports/clock.ts";
import { ServerLifecycle } from "./core/server_lifecycle.ts";
import { AllEventTimes } from "./core/trace/event_times.ts";
import { Tracing } from "./core/trace/tracing.ts";
import { LiveConnectionControl } from "./core/control/live_connection_control.ts";
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
import { createHttp } from "./http/app.ts";
import { createFollow } from "./http/api/follow.ts";
import { createAsk } from "./http/apps/ask_application.ts";
import { clientAddress } from "./http/client_address.ts";
import { randomText } from "./http/access/console_sessions.ts";
import { KeptSessions } from "./http/access/kept_sessions.ts";
import { LiveStreams } from "./http/live/live_streams.ts";
import { createUpgrades } from "./http/upgrades.ts";
import { addressFault, urlOf } from "./platform/address/address.ts";
import { readCertificate } from "./platform/address/certificate.ts";
import { CertificateWatch } from "./platform/address/certificate_watch.ts";
import { currentPlatform } from "./platform/current.ts";
import { IDLE_TIMEOUT_MS, MAX_FRAME_BYTES } from "./platform/platform.ts";
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
import { ApplicationSources } from "./source/watch/application_sources.ts";
import type { GivenFiles } from "./source/read/given_files.ts";
import { DRAIN_MS, HISTORY_BYTES, type Server, type ServerOptions } from "./server_options.ts";

/** Bytes by which a frame may be too large whose client is told so; with more its connection ends. */
const TOLD_BYTES = 64 * 1024;

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
    dev: options.dev ?? false,
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
  const pageEdits = new PageEdits({ clock, log }, feed);
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
    onDraft: (build) => applications.expect(build),
    onPages: (application, edit) => {
      void edits?.pagesChanged(application);
      if (edit) pageEdits.add(application, edit);
    },
  });
  const consoleSecret = randomText();
  const calls = new WaitingCalls(clock);
  const follow = createFollow(applications, tracing);
  const history = new LoadHistory(view, clock);
  const http = createHttp(view, {
    assistants: options.assistants,
    routes: options.routes,
    adminToken,
    tokens: tokenFile,
    consoleSecret: noConsole ? undefined : consoleSecret,
    sessions: noConsole ? undefined : await KeptSessions.open(options, log),
    onlyByToken: noConsole,
    rooms: new LiveRoomControl(applications, calls, log),
    users: new LiveUserControl(applications, calls, log),
    connections: new LiveConnectionControl(applications, {
      clock,
      log,
      idleTimeout: IDLE_TIMEOUT_MS,
      inbox: Math.max(limits.outbox, limits.frame),
    }),
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
        pageEdits.close();
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
