#!/usr/bin/env bun
/**
 * hotroom: a WebSocket room server that you edit while it runs.
 * Executed, it is the command line; imported, it starts servers.
 */
import type { ServerOptions } from "./src/embed/server_options.ts";
import type { Server } from "./src/embed/start_server.ts";

export type { HotroomError } from "./src/core/errors.ts";
export type { Log, LogFields, LogLevel } from "./src/core/ports/log.ts";
export type { StopReport } from "./src/core/server_lifecycle.ts";
export type { ApplicationEvents } from "./src/embed/application_listeners.ts";
export type { EmbeddedApplication } from "./src/embed/embedded_application.ts";
export type { EmbeddedRoom } from "./src/embed/embedded_room.ts";
export type { RoomInfo, UserInfo } from "./src/embed/info.ts";
export type { Server, ServerOptions };

/** Starts a server in this process; rejects where the address can't be had, or an application can't be one. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  return (await import("./src/embed/start_server.ts")).startServer(options);
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  // A script host, the strip process and the writer of a store are this same program; they load nothing of the server.
  if (args[0] === "script-host") await run((await import("./src/script/host/main.ts")).main, args[1]);
  else if (args[0] === "strip-types")
    await run((await import("./src/source/compile/strip_process.ts")).main, args[1]);
  else if (args[0] === "store-writer")
    await (await import("./src/store/writer/main.ts")).main(args[1] ?? "", Number(args[2]));
  else process.exitCode = await (await import("./src/cli/main.ts")).main(args);
}

/** Runs the main function of a child process; `parent` is the id of the process that it must not outlive, where it is told one. */
async function run(main: () => Promise<void>, parent: string | undefined): Promise<void> {
  const tether = parent === undefined ? undefined : await import("./src/process/parent_tether.ts");
  const running = main();
  tether?.holdOnTo(Number(parent));
  await running;
}
