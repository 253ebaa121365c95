import type { DurableApplication } from "../durable/durable_application.ts";
import type { Scripts } from "../ports/scripts.ts";
import type { Application } from "./application.ts";

/** Why an application closes: its files are gone, the server stops, or what is kept of it has to be read again. */
export type ClosingCode = "application_removed" | "server_shutdown";

/**
 * Closes an application's rooms, its extension and its connections; resolves when the `close` handlers have run. What is durable is
 * not closed: it stays as it is kept.
 */
export async function closeApplication(
  application: Application,
  scripts: Pick<Scripts, "unload">,
  reason: string,
  code: ClosingCode,
): Promise<void> {
  application.state = code === "server_shutdown" ? "stopping" : "closed";
  const { durable, extension, rooms } = application;
  const passing = [...rooms.values()].filter(({ isDurable }) => !isDurable);
  const closing = passing.map((room) => room.close(reason));
  const closed = extension?.isDurable ? undefined : extension?.ask({ kind: "close", reason });
  await Promise.all([...closing, closed]);
  // Who comes back to a server that is started again was away; of an application that is gone nobody is to leave.
  if (durable && code === "application_removed") await leaveKept(application, durable);
  for (const connection of application.connections) connection.close(code);
  if (durable && code === "server_shutdown") await leaveKept(application, durable);
  endApplication(application, scripts, reason);
}

/** Ends all that an application does, whatever its scripts are at: no handler runs. */
function endApplication(application: Application, scripts: Pick<Scripts, "unload">, reason: string): void {
  for (const room of application.rooms.values()) void room.close(reason, false);
  application.sessions.close(application.users.values());
  application.own.close();
  application.probation.end();
  for (const { version } of application.versions.all()) scripts.unload(version);
}

/** Ends an application that is to come back by what is kept of it: its users are told to come back, too. */
export function leaveAtOnce(application: Application, scripts: Pick<Scripts, "unload">): void {
  application.state = "stopping";
  application.durable?.stop();
  for (const connection of application.connections) connection.close("server_shutdown");
  endApplication(application, scripts, "What is kept of it is read again.");
}

/** Writes nothing any more once all is saved: what happens from now on is of nobody's concern. */
async function leaveKept({ sessions }: Application, durable: DurableApplication): Promise<void> {
  sessions.durable?.end();
  await durable.saved();
  durable.stop();
}
