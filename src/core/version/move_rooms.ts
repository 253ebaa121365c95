import type { Application } from "../application/application.ts";
import { isNotWritten, messageOf } from "../errors.ts";
import type { ExtensionDeps } from "../extension/extension_deps.ts";
import type { LogFields } from "../ports/log.ts";
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
  /** Hears of one that stays since its state can't be written: that is no fault of the version that it was to move to. */
  onStuck?(name: string, reason: string): void;
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
  const fail = (what: string, error: unknown, name: string, fields: LogFields) => {
    const reason = messageOf(error);
    const isStuck = isNotWritten(error);
    failed.set(name, reason);
    if (isStuck) moves.onStuck?.(name, reason);
    else moves.onFailure?.(name, reason);
    const until = isStuck ? " until the next edit" : "";
    log("error", `${what} keeps its version${until}: ${reason}`, fields);
  };
  try {
    await moveExtension(moves);
  } catch (error) {
    const fields = { application: application.name, version: application.extension?.version ?? "" };
    fail("The application's extension", error, "", fields);
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
      fail("Room", error, room.name, fields);
      return undefined;
    }
  };
  const order = rooms.toSorted((a, b) => Number(b.members.size > 0) - Number(a.members.size > 0));
  const hosts = scripts.hosts().filter(({ spare }) => !spare).length;
  await new PacedMoves(hosts).run(order, move, () => moves.isOver?.() ?? false);
  return failed;
}

/** Moves, opens or closes the application's own extension; rejects where it can't be moved. */
async function moveExtension({ application, version, standing }: RoomMoves): Promise<void> {
  const { extension } = application;
  if (!version.extension) application.own.close();
  else if (!extension) await application.own.open();
  else if (extension.version !== version.build.version)
    await extension.move(version, version.extension, standing);
}
