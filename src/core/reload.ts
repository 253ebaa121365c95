import type { Application } from "./application.ts";
import { messageOf } from "./extension.ts";
import type { Definition, Log, Version } from "./ports.ts";
import type { Room } from "./room.ts";

/** Rooms that may fail before the whole application goes back: this many, or this share of them. */
const mostFailed = { rooms: 3, share: 0.1 };

/** What an edit came to. */
export interface ReloadResult {
  /** Rooms that run the new version now. */
  readonly moved: number;
  /** Rooms that stay in their old version, with the reason; the whole application went back where `rolledBack`. */
  readonly failed: readonly { room: string; reason: string }[];
  readonly rolledBack: boolean;
}

/**
 * Makes a loaded version the application's: new rooms get it at once, the extension and each live room move to it
 * between two of their events. Where too many rooms fail, all go back. Connections are not touched.
 */
export async function reload(application: Application, version: Version, log: Log): Promise<ReloadResult> {
  const earlier = application.version;
  application.take(version);
  const extension = await moveExtension(application, version);
  const rooms = version.build.settings.reload === "pin" ? [] : roomsNotOf(application, version);
  const failed = await moveAll(application, rooms, version, log);
  if (extension) failed.push({ room: "", reason: extension });
  const tooMany = failed.length >= mostFailed.rooms || failed.length > rooms.length * mostFailed.share;
  if (failed.length === 0 || !tooMany)
    return { moved: rooms.length - failed.length, failed, rolledBack: false };

  application.take(earlier);
  await moveExtension(application, earlier);
  const back = [...application.rooms.values()].filter(
    (room) => room.extension.version === version.build.version,
  );
  await moveAll(application, back, earlier, log);
  return { moved: 0, failed, rolledBack: true };
}

function roomsNotOf(application: Application, version: Version): Room[] {
  return [...application.rooms.values()].filter((room) => room.extension.version !== version.build.version);
}

/** Moves, opens or closes the application's own extension; returns why it could not be moved. */
async function moveExtension(application: Application, version: Version): Promise<string | undefined> {
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
    await extension.swap(version, version.extension);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function moveAll(application: Application, rooms: Room[], version: Version, log: Log) {
  const failed: { room: string; reason: string }[] = [];
  const move = async (room: Room, definition: Definition | undefined) => {
    const fields = { application: application.name, room: room.name, version: room.extension.version };
    if (!definition)
      return log("warn", `Room keeps its version: there is no type "${room.type}" any more.`, fields);
    try {
      await room.extension.swap(version, definition);
    } catch (error) {
      if (room.state === "closed") return;
      failed.push({ room: room.name, reason: messageOf(error) });
      log("error", `Room keeps its version: ${messageOf(error)}`, fields);
    }
  };
  await Promise.all(rooms.map((room) => move(room, version.rooms.get(room.type))));
  return failed;
}
