import type { Application } from "../application/application.ts";
import type { ExtensionDeps } from "../extension/extension_deps.ts";
import type { Version } from "../ports/build.ts";
import type { Room } from "../room/room.ts";
import { moveRooms, type RoomMoves } from "./move_rooms.ts";
import { hasFailed, type KeptVersion } from "./versions.ts";

/** The result of an edit, or of going back to a version. */
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
 * Connections are not touched. One that is live goes on with the move that the server's end has cut off.
 */
export async function reload(
  application: Application,
  version: Version,
  deps: ExtensionDeps,
): Promise<ReloadResult> {
  const pins = application.versions.policyOf(version) === "pin";
  const { live } = application.versions;
  const isCutOff = live.isMoving && live.version === version;
  const kept = application.makeLive(version, pins ? "pinned" : "swapped");
  const rooms = pins ? [] : roomsNotOf(application, version);
  if (pins) for (const room of roomsNotOf(application, version)) room.extension.keepVersion("pinned");
  // It may be one that was live before, and is again.
  kept.failures.clear();
  kept.stuck.clear();
  // Those that had moved count as well.
  if (!isCutOff) kept.moving = rooms.length;
  kept.onProbation = true;
  const hasToGoBack = () => kept.earlier !== undefined && hasFailed(kept);
  const onFailure = (name: string, reason: string) => kept.failures.set(name, reason);
  const onStuck = (name: string, reason: string) => kept.stuck.set(name, reason);
  const hears = { onFailure, onStuck, isOver: hasToGoBack };
  const moves = { application, rooms, version, standing: "swapped", ...hears } as const;
  const failed = await moveAll(kept, moves, deps);
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
  await moveAll(target, { application, rooms, version: target.version, standing: "rolled_back" }, deps);
  application.startProbation(target);
  return { moved: 0, failed, rolledBack: true };
}

/** Goes back to a kept version because an admin asked for it: all rooms, whatever the policy. */
export async function goBack(
  application: Application,
  target: KeptVersion,
  deps: ExtensionDeps,
): Promise<ReloadResult> {
  const { version } = target;
  application.makeLive(version, "by_hand");
  const rooms = roomsNotOf(application, version);
  const failed = await moveAll(target, { application, rooms, version, standing: "by_hand" }, deps);
  application.startProbation(target);
  return { moved: runningOf(rooms, version), failed, rolledBack: false };
}

/** Moves rooms to a version that has become live; as long as that is not over it is kept that it is not. */
async function moveAll(
  kept: KeptVersion,
  moves: RoomMoves,
  deps: ExtensionDeps,
): Promise<ReadonlyMap<string, string>> {
  const { application } = moves;
  kept.isMoving = true;
  application.keeping.note();
  const failed = await moveRooms(moves, deps);
  // What a server that stops has cut off goes on at its next start.
  if (application.state !== "running") return failed;
  kept.isMoving = false;
  application.keeping.note();
  return failed;
}

/** Returns how many of the rooms run a version. */
function runningOf(rooms: readonly Room[], { build }: Version): number {
  return rooms.filter(({ extension }) => extension.version === build.version).length;
}

function roomsNotOf(application: Application, version: Version): Room[] {
  return [...application.rooms.values()].filter((room) => room.extension.version !== version.build.version);
}
