import type { Room } from "../../room/room.ts";
import type { Standing } from "../../version/versions.ts";

/** A room as one line of a table. */
export interface RoomRow {
  readonly name: string;
  readonly type: string;
  /** Name of the version that handles its next event; why it runs that, and since when, milliseconds since the epoch. */
  readonly version: string;
  readonly why: Standing;
  readonly since: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly users: number;
  /** null: no limit of its own. */
  readonly maxUsers: number | null;
  readonly watchers: number;
  /** CPU time that its events use, ms a second, since it was looked at before; null where it was not. */
  readonly load: number | null;
  /** CPU time that its events have used, ms. */
  readonly cpu: number;
  readonly events: number;
  readonly failures: number;
  /** Events that its script has not answered. */
  readonly waiting: number;
  /** Bytes of the sandbox that it is in with `sharing` scripts in all; null while it has none. */
  readonly memory: number | null;
  readonly sharing: number;
  readonly durable: boolean;
}

/** Returns the line of a room. */
export function rowOf(room: Room, load: number | null): RoomRow {
  const { extension, maxUsers } = room;
  const { usage } = extension;
  const { waiting, sandbox } = extension.script;
  return {
    name: room.name,
    type: room.type,
    version: extension.version,
    why: extension.standing,
    since: extension.since,
    createdAt: room.createdAt,
    users: room.members.size,
    maxUsers: Number.isFinite(maxUsers) ? maxUsers : null,
    watchers: room.watchers.size,
    load,
    cpu: Math.round(usage.cpu * 10) / 10,
    events: usage.events,
    failures: usage.failed,
    waiting,
    memory: sandbox?.memory ?? null,
    sharing: sandbox?.scripts ?? 0,
    durable: room.isDurable,
  };
}
