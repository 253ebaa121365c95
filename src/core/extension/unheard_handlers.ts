import type { Version } from "../ports/build.ts";

/** Returns what to say of handlers, and so of their schemas, that are never asked as the application's settings are. */
export function unheardHandlers({ build, extension, rooms }: Version): string[] {
  const { rooms: makers, subscribe } = build.settings;
  const told: string[] = [];
  if (makers === "server" && extension?.handlers.includes("events.create"))
    told.push('events.create is never asked: where the setting rooms is "server" clients make no rooms.');
  for (const [type, { handlers }] of rooms) {
    if (subscribe === false && handlers.includes("events.watch"))
      told.push(
        `events.watch of room "${type}" is never asked: where the setting subscribe is false nobody watches.`,
      );
  }
  return told;
}
