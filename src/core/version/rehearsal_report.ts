import type { Application } from "../application/application.ts";
import { type Difference, differences } from "./difference.ts";
import { type Extension, messageOf } from "../extension/extension.ts";
import type { RehearsalError } from "../ports/rehearsal.ts";
import type { Version } from "../ports/build.ts";

/** Rooms that are tried at one time, rooms that a report shows, and differences that it shows of each. */
const atOnce = 8;
const mostRooms = 100;
const mostDifferences = 20;

/** What a version came to in one room, or in the application's extension (`room` is null). */
export interface RehearsedRoom {
  readonly room: string | null;
  /** Name of the version that the room runs. */
  readonly version: string;
  /** Events that were run again. */
  readonly events: number;
  readonly errors: readonly RehearsalError[];
  /** Between the state as it is and the state that the version comes to; the first ones, and how many there are. */
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
}

/** What a version would come to if it went live now. */
export interface RehearsalReport {
  readonly application: string;
  /** Name of the version that was tried. */
  readonly version: string;
  /** When, ms since the epoch. */
  readonly at: number;
  /** Rooms (and extension) that were tried, and events that were run again in them. */
  readonly tried: number;
  readonly events: number;
  /** How many of them had errors, or a difference in state. */
  readonly failed: number;
  readonly changed: number;
  /** Those with errors first, then those with differences; the first ones. */
  readonly rooms: readonly RehearsedRoom[];
}

/** Tries a loaded version on a copy of each live room and of the extension; nothing goes live and nobody hears of it. */
export async function rehearse(
  application: Application,
  version: Version,
  at: number,
): Promise<RehearsalReport> {
  const waiting: [room: string | null, extension: Extension][] = [];
  if (application.extension && version.extension) waiting.push([null, application.extension]);
  for (const room of application.rooms.values()) {
    if (room.state === "open" && version.rooms.has(room.type)) waiting.push([room.name, room.extension]);
  }
  const tried: RehearsedRoom[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, extension] = next;
      const room = await rehearseRoom(name, extension, version);
      const isThere = name === null || application.rooms.get(name)?.extension === extension;
      if (isThere) tried.push(room);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const failed = tried.filter(({ errors }) => errors.length > 0);
  const changed = tried.filter(({ errors, differenceCount }) => errors.length === 0 && differenceCount > 0);
  return {
    application: application.name,
    version: version.build.version,
    at,
    tried: tried.length,
    events: tried.reduce((sum, { events }) => sum + events, 0),
    failed: failed.length,
    changed: tried.filter(({ differenceCount }) => differenceCount > 0).length,
    rooms: [...failed, ...changed].slice(0, mostRooms),
  };
}

async function rehearseRoom(
  room: string | null,
  extension: Extension,
  version: Version,
): Promise<RehearsedRoom> {
  const { version: running } = extension;
  try {
    const { events, errors, before, after } = await extension.rehearse(version);
    const { list, count } =
      after === undefined ? { list: [], count: 0 } : differences(before, after, mostDifferences);
    return { room, version: running, events, errors, differences: list, differenceCount: count };
  } catch (error) {
    const errors = [{ event: "rehearsal", message: messageOf(error) }];
    return { room, version: running, events: 0, errors, differences: [], differenceCount: 0 };
  }
}

/** The errors of a report in words, for the log: the first of a few rooms. */
export function summaryOf({ failed, rooms }: RehearsalReport): string {
  const shown = rooms.slice(0, 3).map(({ room, errors: [error] }) => {
    const at = error?.position;
    const place = at ? ` (${at.file}:${at.line}:${at.column})` : "";
    return `${room ?? "the extension"}: ${error?.event}: ${error?.message}${place}`;
  });
  return `${shown.join("; ")}${failed > shown.length ? `; and ${failed - shown.length} more` : ""}`;
}
