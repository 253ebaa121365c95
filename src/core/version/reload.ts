import type { Application } from "../application/application.ts";
import { PacedMoves } from "./paced_moves.ts";
import { messageOf } from "../errors.ts";
import type { Extension, ExtensionDeps } from "../extension/extension.ts";
import type { Definition, Version } from "../ports/build.ts";
import type { Room } from "../room/room.ts";
import { hasFailed, type KeptVersion, type Standing } from "./versions.ts";

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
 * live room move to it between two of their events. Where too many fail, those that moved go back and the rest stays.
 * Connections are not touched.
 */
export async function reload(
  application: Application,
  version: Version,
  deps: ExtensionDeps,
): Promise<ReloadResult> {
  const pins = application.policyOf(version) === "pin";
  const kept = application.makeLive(version, pins ? "pinned" : "swapped");
  const rooms = pins ? [] : roomsNotOf(application, version);
  if (pins) for (const room of roomsNotOf(application, version)) room.extension.stand("pinned");
  kept.moving = rooms.length;
  kept.onProbation = true;
  const hasToGoBack = () => kept.earlier !== undefined && hasFailed(kept);
  const stays = (name: string, reason: string) => kept.failures.set(name, reason);
  const failed = await move(application, rooms, kept, "swapped", deps, stays, hasToGoBack);
  if (hasToGoBack()) return rollBack(application, kept, deps);
  application.startProbation(kept);
  return { moved: runningOf(rooms, version), failed, rolledBack: false };
}

/**
 * Leaves a version that keeps failing for the one before it. Rooms go back to the state that they had, and what happened
 * since is run again on it.
 */
export async function rollBack(
  application: Application,
  kept: KeptVersion,
  deps: ExtensionDeps,
): Promise<ReloadResult> {
  const { earlier } = kept;
  const failed = new Map(kept.failures);
  if (!earlier) return { moved: 0, failed, rolledBack: false };
  const target = application.makeLive(earlier, "rolled_back");
  kept.standing = "quarantined";
  kept.since = target.since;
  kept.onProbation = false;
  const rooms = [...application.rooms.values()].filter(
    (room) => room.extension.version === kept.version.build.version,
  );
  await move(application, rooms, target, "rolled_back", deps);
  application.startProbation(target);
  return { moved: 0, failed, rolledBack: true };
}

/** Goes back to a kept version because somebody said so: all rooms, whatever the policy. */
export async function goBack(
  application: Application,
  target: KeptVersion,
  deps: ExtensionDeps,
): Promise<ReloadResult> {
  application.makeLive(target.version, "by_hand");
  const rooms = roomsNotOf(application, target.version);
  const failed = await move(application, rooms, target, "by_hand", deps);
  application.startProbation(target);
  return { moved: runningOf(rooms, target.version), failed, rolledBack: false };
}

function runningOf(rooms: readonly Room[], { build }: Version): number {
  return rooms.filter(({ extension }) => extension.version === build.version).length;
}

function roomsNotOf(application: Application, version: Version): Room[] {
  return [...application.rooms.values()].filter((room) => room.extension.version !== version.build.version);
}

/**
 * Moves the extension, then the rooms, a few at a time; returns which stayed in their version, and why. `stays` hears of
 * each at once; once `isOver` says so the rest stays where it is.
 */
async function move(
  application: Application,
  rooms: Room[],
  { version }: KeptVersion,
  standing: Standing,
  { log, scripts }: ExtensionDeps,
  stays: (name: string, reason: string) => void = () => {},
  isOver: () => boolean = () => false,
): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  const keep = (name: string, reason: string) => {
    failed.set(name, reason);
    stays(name, reason);
  };
  const why = await moveExtension(application, version, standing);
  if (why !== undefined) {
    keep("", why);
    const fields = { application: application.name, version: application.extension?.version ?? "" };
    log("error", `The application's extension keeps its version: ${why}`, fields);
  }
  const moveRoom = async (room: Room): Promise<number | undefined> => {
    // It may have closed, or gone back by itself, while others moved.
    const isGone = application.rooms.get(room.name) !== room;
    if (isGone || room.extension.version === version.build.version) return undefined;
    const fields = { application: application.name, room: room.name, version: room.extension.version };
    const definition = version.rooms.get(room.type);
    if (!definition) {
      log("warn", `Room keeps its version: there is no type "${room.type}" any more.`, fields);
      return undefined;
    }
    try {
      return await travel(room.extension, version, definition, standing);
    } catch (error) {
      if (room.state === "closed") return undefined;
      keep(room.name, messageOf(error));
      log("error", `Room keeps its version: ${messageOf(error)}`, fields);
      return undefined;
    }
  };
  // Somebody waits for what those do that have members.
  const order = rooms.toSorted((a, b) => Number(b.members.size > 0) - Number(a.members.size > 0));
  const hosts = scripts.hosts().filter(({ spare }) => !spare).length;
  await new PacedMoves(hosts).run(order, moveRoom, isOver);
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

/** An edit takes the state along; on the way back what it had then counts, where that is still known. Resolves with ms of CPU time. */
function travel(
  extension: Extension,
  version: Version,
  definition: Definition,
  standing: Standing,
): Promise<number> {
  return extension.move(version, definition, standing, standing === "swapped" ? "on" : "back");
}
