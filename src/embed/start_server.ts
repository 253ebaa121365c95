import { countedWere } from "../core/text/counted.ts";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { createLog } from "../cli/log.ts";
import { LogOutput } from "../cli/log_output.ts";
import { limitsOf, standardConfig as standard, tracingOf } from "../cli/config.ts";
import type { Log } from "../core/ports/log.ts";
import type { StopReport } from "../core/server_lifecycle.ts";
import { HotroomError } from "../core/errors.ts";
import { currentPlatform } from "../platform/current.ts";
import { fileNameFault, isFileName } from "../protocol/names.ts";
import { startServer as start } from "../server.ts";
import { ApplicationListeners } from "./application_listeners.ts";
import { EmbeddedApplication } from "./embedded_application.ts";
import type { ServerOptions } from "./server_options.ts";

/** A running server, as the program has it that started it. */
export interface Server {
  readonly port: number;
  readonly url: string;
  /** Opens the console: an address with its secret; undefined where there is none. */
  readonly consoleUrl: string | undefined;
  /** Resolves when the applications that were there at the start are loaded, or have failed to be; never rejects. */
  readonly ready: Promise<void>;
  /** Returns the application of that name, whether or not it is loaded yet: its calls ask for it. */
  application(name: string): EmbeddedApplication;
  /**
   * Answers a request as the server's own HTTP does, WebSockets aside; `remote` is the IP address of who asks, without which the
   * admin API wants its token.
   */
  fetch(request: Request, remote?: string): Promise<Response>;
  /** Drains, and ends all that was started; resolves in `drain` ms or little more, with what was given up for that. */
  stop(): Promise<StopReport>;
}

/**
 * Starts a server in this process. Rejects with HotroomError `invalid_data` where an application can't be one, and with the runtime's
 * error where the address can't be had.
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  checkApplications(options);
  const { applications } = options;
  const log = options.log ?? (await standardLog());
  const listeners = new ApplicationListeners(log);
  const server = await start({
    ...options,
    port: options.port ?? standard.port,
    host: options.host ?? standard.host,
    extensions: options.extensions ?? (applications ? undefined : standard.extensions),
    hosts: options.hosts ?? Math.max(1, availableParallelism() - 1),
    hostMemory: options.hostMemory ?? standard.hostMemory,
    spare: options.spare ?? standard.spare,
    limits: { ...limitsOf(standard), ...options.limits },
    tracing: options.tracing && tracingOf(options.tracing.sample, options.tracing.endpoint),
    log,
    observe: (application, what) => listeners.tell(application, what),
  });
  const { port, url, consoleUrl, ready, fetch, stop } = server;
  const application = (name: string) => new EmbeddedApplication(name, server, listeners);
  return { port, url, consoleUrl, ready, application, fetch, stop };
}

/** Throws HotroomError where an application has no name, or there is nothing at its path. */
function checkApplications({ applications = {} }: ServerOptions): void {
  for (const [name, given] of Object.entries(applications)) {
    const cannot = `Cannot serve application ${JSON.stringify(name)}`;
    if (!isFileName(name))
      throw new HotroomError("invalid_data", `${cannot}: its name ${fileNameFault(name)}.`);
    if (typeof given === "string" && !existsSync(resolve(given)))
      throw new HotroomError("invalid_data", `${cannot}: there is nothing at ${resolve(given)}.`);
  }
}

/** Returns a log that writes as the command does. */
async function standardLog(): Promise<Log> {
  const output = new LogOutput((await currentPlatform()).writeOutput, (lines) =>
    log("warn", `${countedWere(lines, "log line")} dropped: standard output does not keep up.`),
  );
  const log = createLog({ format: "text", level: "info", write: (line) => output.write(line) });
  return log;
}
