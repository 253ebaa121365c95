import type { Application } from "../application/application.ts";
import { messageOf } from "../errors.ts";
import type { ExtensionDeps } from "../extension/extension.ts";
import type { Version } from "../ports/build.ts";
import type { Room } from "../room/room.ts";
import { PacedMoves } from "./paced_moves.ts";
import type { Standing } from "./versions.ts";

/** Which rooms move, where to, and why. */
export interface RoomMoves {
  readonly application: Application;
  readonly rooms: readonly Room[];
  readonly version: Version;
  /** With `swapped` the state comes along; otherwise a room gets the state that it had in the version, where it is known. */
  readonly standing: Standing;
  /** Hears at once which room, or extension (""), stays in its version because moving failed, and why. */
  onFailure?(name: string, reason: string): void;
  /** Returns true once those whose turn has not come must stay where they are. */
  isOver?(): boolean;
}

/**
 * Moves the application's extension, then the rooms, a few at a time, those with members first. Resolves with the reason of
 * each that stays in its version because moving failed, by name; the extension is "".
 */
export async function moveRooms(moves: RoomMoves, deps: ExtensionDeps): Promise<Map<string, string>> {
  const { application, rooms, version } = moves;
  const { log, scripts } = deps;
  const failed = new Map<string, string>();
  const fail = (name: string, reason: string) => {
    failed.set(name, reason);
    moves.onFailure?.(name, reason);
  };
  const why = await moveExtension(moves);
  if (why !== undefined) {
    fail("", why);
    const fields = { application: application.name, version: application.extension?.version ?? "" };
    log("error", `The application's extension keeps its version: ${why}`, fields);
  }
  const move = async (room: Room): Promise<number | undefined> => {
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
      return await room.extension.move(version, definition, moves.standing);
    } catch (error) {
      if (room.state === "closed") return undefined;
      fail(room.name, messageOf(error));
      log("error", `Room keeps its version: ${messageOf(error)}`, fields);
      return undefined;
    }
  };
  const order = rooms.toSorted((a, b) => Number(b.members.size > 0) - Number(a.members.size > 0));
  const hosts = scripts.hosts().filter(({ spare }) => !spare).length;
  await new PacedMoves(hosts).run(order, move, () => moves.isOver?.() ?? false);
  return failed;
}

/** Moves, opens or closes the application's own extension; returns why it could not be moved. */
async function moveExtension({ application, version, standing }: RoomMoves): Promise<string | undefined> {
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
    await extension.move(version, version.extension, standing);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
