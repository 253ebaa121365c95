import { countedWere } from "../core/text/counted.ts";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { HotroomError, messageOf } from "../core/errors.ts";
import { StoreError } from "../core/ports/journal_store.ts";
import type { Log } from "../core/ports/log.ts";
import type { StopReport } from "../core/server_lifecycle.ts";
import type { Assistants } from "../http/app.ts";
import { clientTypesText } from "../http/assets.ts";
import { urlOf } from "../platform/address/address.ts";
import { currentPlatform } from "../platform/current.ts";
import { isExecutable } from "../process/executable.ts";
import { stopSignal } from "../process/stop_signal.ts";
import { writeTypes } from "../source/editor/editor_types.ts";
import { defaultCache } from "../source/compile/strip_cache.ts";
import { startServer } from "../server.ts";
import { type Config, limitsOf, tracingOf } from "./config.ts";
import { unpackedBundle } from "./bundle/unpacked_bundle.ts";
import { createLog, type LogOptions } from "./log.ts";
import { LogOutput } from "./log_output.ts";

type Server = Awaited<ReturnType<typeof startServer>>;

/** How long the last lines of the log may take when the server has stopped, ms. */
const LAST_LINES_MS = 1_000;
/** So long after it should have stopped this process ends in any case, ms. */
const LAST_RESORT_MS = 1500;

/** What a server that has started shows. */
export interface Started {
  readonly url: string;
  readonly consoleUrl: string | undefined;
  /** Paths of the applications that have pages. */
  readonly pages: readonly string[];
}

/** What is different for who sits before it. */
export interface Development {
  /** Makes a line of the log; without it as the settings say. */
  readonly line: LogOptions["line"];
  readonly assistants: Assistants;
  /** Hears that the applications are loaded. */
  readonly started: (started: Started) => void | Promise<void>;
}

/**
 * Serves until a signal asks this process to stop, then drains and ends it with status 0; resolves with 1 where the address
 * can't be had.
 */
export async function serve(config: Config, development?: Development): Promise<number> {
  const output = new LogOutput((await currentPlatform()).writeOutput, (lines) => {
    log("warn", `${countedWere(lines, "log line")} dropped: standard output does not keep up.`);
  });
  const write = (line: string) => output.write(line);
  const log = createLog({ format: config.logFormat, level: config.logLevel, line: development?.line, write });
  const hosts = config.hosts ?? Math.max(1, availableParallelism() - 1);
  const { port, host, unix, tlsCert, tlsKey, extensions, spare, dev, adminToken, drain } = config;
  const limits = limitsOf(config);
  const cache = config.cache === "none" ? undefined : (config.cache ?? defaultCache(process.env));
  let bundled: string | undefined;
  try {
    bundled = await unpackedBundle();
  } catch (error) {
    log("error", messageOf(error));
    return 1;
  }
  let server: Server;
  try {
    server = await startServer({
      bundled,
      assistants: development?.assistants,
      port,
      host,
      unix,
      tlsCert,
      tlsKey,
      noConsole: config.noConsole,
      extensions,
      data: config.data,
      hosts,
      hostMemory: config.hostMemory,
      spare,
      dev,
      drain,
      limits,
      compress: config.compress,
      history: config.history,
      ceilings: config.ceilings,
      maxConnections: config.maxConnections,
      maxConnectionsPerAddress: config.maxConnectionsPerAddress,
      trustProxy: config.trustProxy,
      tracing: tracingOf(config.traceSample, config.otlpEndpoint, config.logLevel),
      log,
      ...(cache && { cache }),
      ...(adminToken && { adminToken }),
      ...(config.tokens && { tokens: config.tokens }),
    });
  } catch (error) {
    const text = messageOf(error);
    const isTold = error instanceof StoreError || error instanceof HotroomError;
    log("error", isTold ? text : `Cannot listen on ${urlOf(config)}: ${text}`);
    return 1;
  }
  const stopped = stopSignal();
  const { view } = server;
  const { version, runtime, runtimeVersion } = view.process;
  log("info", `hotroom ${version} on ${runtime} ${runtimeVersion}, listening on ${server.url}`);
  const { consoleUrl } = server;
  // Where there is a token that opens it, too: what logs are kept for is not to be found in them.
  const opened = adminToken ? consoleUrl?.replace(/\?.*/, ", opened by the admin token") : consoleUrl;
  if (opened !== undefined)
    log(
      "info",
      `console: ${opened}${unix === undefined ? "" : ", below the address that leads to the socket"}`,
    );
  void server.ready.then(() => {
    const names = view.applications().map((each) => `${each.name} ${each.version ?? "(failed)"}`);
    log(
      "info",
      `applications in ${bundled === undefined ? "" : "this executable and "}${extensions}: ${names.join(", ") || `none yet; "hotroom init" makes a first one`}`,
    );
    const pids = view
      .hosts()
      .map(({ id, pid }) => `script host ${id} ${pid === undefined ? "starts" : `has pid ${pid}`}`);
    log("info", pids.join(", ") || "no script hosts: scripts run in this process");
    if (development)
      tell(development, server).catch((error) =>
        log("warn", `Cannot say what there is: ${messageOf(error)}`),
      );
    if (isExecutable() && existsSync(extensions)) void refreshTypes(extensions, log);
  });
  const signal = await stopped;
  // The last resort: it waits for nothing that could hang.
  setTimeout(() => process.exit(0), drain + LAST_RESORT_MS);
  log("info", `${signal}: draining for ${drain} ms at most`);
  log("info", stoppedText(await server.stop()));
  await output.flushed(LAST_LINES_MS);
  // What waits for a reader that does not read would keep the process, and so would a WebSocket on Deno whose peer was cut
  // off: denoland/deno#27924 and #29088.
  process.exit(0);
}

/** Tells what has started, and which applications have pages. */
async function tell({ started }: Development, { url, consoleUrl, view, fetch }: Server): Promise<void> {
  const names = view.applications().map(({ name }) => name);
  const shown = await Promise.all(
    names.map((name) => fetch(new Request(`${url}/apps/${name}/`, { method: "HEAD" }))),
  );
  await started({
    url,
    consoleUrl,
    pages: names.filter((_, at) => shown[at]?.ok).map((name) => `/apps/${name}/`),
  });
}

/**
 * Writes the types for editors: beside the executable nothing else tells them what `hotroom` is. A folder that can't be written
 * stays as it is.
 */
async function refreshTypes(extensions: string, log: Log): Promise<void> {
  try {
    await writeTypes(extensions, clientTypesText);
  } catch (error) {
    log("debug", `Cannot write types for editors: ${messageOf(error)}`);
  }
}

/** Says how the server has stopped, and what it gave up for that. */
function stoppedText({ ms, events, hosts }: StopReport): string {
  const givenUp = [
    ...(events > 0 ? [`${countedWere(events, "event")} not handled`] : []),
    ...(hosts > 0 ? [`${countedWere(hosts, "script host")} killed`] : []),
  ];
  return `Stopped after ${ms} ms${givenUp.length > 0 ? `: ${givenUp.join(", ")}` : ""}.`;
}
