import type { Application } from "./application.ts";
import { type Extension, messageOf } from "./extension.ts";
import type { Definition, Log, Version } from "./ports.ts";
import type { Room } from "./room.ts";
import { hasFailed, type Kept, type Standing } from "./versions.ts";

/** What an edit, or going back to a version, came to. */
export interface ReloadResult {
  /** Rooms that run the version now. */
  readonly moved: number;
  /** Rooms that stay in their version, by name, with the reason; the application's extension is "". */
  readonly failed: ReadonlyMap<string, string>;
  /** Whether the whole application went back to the version before. */
  readonly rolledBack: boolean;
}

/**
 * Makes a loaded version the application's: new rooms get it at once, the extension and (unless the policy is `pin`) each
 * live room move to it between two of their events. Where too many fail, all go back. Connections are not touched.
 */
export async function reload(application: Application, version: Version, log: Log): Promise<ReloadResult> {
  const pins = application.policyOf(version) === "pin";
  const kept = application.take(version, pins ? "pinned" : "swapped");
  const rooms = pins ? [] : roomsNotOf(application, version);
  if (pins) for (const room of roomsNotOf(application, version)) room.extension.stand("pinned");
  kept.moving = rooms.length;
  kept.onProbation = true;
  const failed = await move(application, rooms, kept, "swapped", log);
  for (const [name, reason] of failed) kept.failures.set(name, reason);
  if (hasFailed(kept) && kept.earlier) return rollBack(application, kept, log);
  application.watch(kept);
  return { moved: runningOf(rooms, version), failed, rolledBack: false };
}

/**
 * Leaves a version that keeps failing for the one before it. Rooms go back to the state that they had, and what happened
 * since is run again on it.
 */
export async function rollBack(application: Application, kept: Kept, log: Log): Promise<ReloadResult> {
  const { earlier } = kept;
  const failed = new Map(kept.failures);
  if (!earlier) return { moved: 0, failed, rolledBack: false };
  const target = application.take(earlier, "rolled_back");
  kept.standing = "quarantined";
  kept.since = target.since;
  kept.onProbation = false;
  const rooms = [...application.rooms.values()].filter(
    (room) => room.extension.version === kept.version.build.version,
  );
  await move(application, rooms, target, "rolled_back", log);
  application.watch(target);
  return { moved: 0, failed, rolledBack: true };
}

/** Goes back to a kept version because somebody said so: all rooms, whatever the policy. */
export async function goBack(application: Application, target: Kept, log: Log): Promise<ReloadResult> {
  application.take(target.version, "by_hand");
  const rooms = roomsNotOf(application, target.version);
  const failed = await move(application, rooms, target, "by_hand", log);
  application.watch(target);
  return { moved: runningOf(rooms, target.version), failed, rolledBack: false };
}

function runningOf(rooms: readonly Room[], { build }: Version): number {
  return rooms.filter(({ extension }) => extension.version === build.version).length;
}

function roomsNotOf(application: Application, version: Version): Room[] {
  return [...application.rooms.values()].filter((room) => room.extension.version !== version.build.version);
}

/** Moves the extension, then the rooms; returns which stayed in their version, and why. */
async function move(
  application: Application,
  rooms: Room[],
  { version }: Kept,
  standing: Standing,
  log: Log,
): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  const why = await moveExtension(application, version, standing);
  if (why !== undefined) {
    failed.set("", why);
    const fields = { application: application.name, version: application.extension?.version ?? "" };
    log("error", `The application's extension keeps its version: ${why}`, fields);
  }
  const moveRoom = async (room: Room, definition: Definition | undefined) => {
    const fields = { application: application.name, room: room.name, version: room.extension.version };
    if (!definition)
      return log("warn", `Room keeps its version: there is no type "${room.type}" any more.`, fields);
    try {
      await travel(room.extension, version, definition, standing);
    } catch (error) {
      if (room.state === "closed") return;
      failed.set(room.name, messageOf(error));
      log("error", `Room keeps its version: ${messageOf(error)}`, fields);
    }
  };
  await Promise.all(rooms.map((room) => moveRoom(room, version.rooms.get(room.type))));
  return failed;
}

/** Moves, opens or closes the application's own extension; returns why it could not be moved. */
async function moveExtension(
  application: Application,
  version: Version,
  standing: Standing,
): Promise<string | undefined> {
  const { extension } = application;
  if (!version.extension) {
    application.closeExtension();
    return undefined;
  }
  if (!extension) {
    await application.openExtension();
    return undefined;
  }
  if (extension.version === version.build.version) return undefined;
  try {
    await travel(extension, version, version.extension, standing);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** An edit takes the state along; on the way back what it had then counts, where that is still known. */
function travel(
  extension: Extension,
  version: Version,
  definition: Definition,
  standing: Standing,
): Promise<void> {
  return extension.move(version, definition, standing, standing === "swapped" ? "on" : "back");
}
