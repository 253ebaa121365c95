import type { Application } from "../application/application.ts";
import { isNotWritten, messageOf } from "../errors.ts";
import type { Extension } from "../extension/extension.ts";
import type { Version } from "../ports/build.ts";
import { differences } from "./difference.ts";
import type { RehearsalReport, RehearsedRoom, StuckRoom } from "./rehearsal_report.ts";

/** Rooms that are tried at one time. */
const ROOMS_AT_ONCE = 8;
/** Rooms that a report shows, and differences that it shows of each. */
const REPORT_ROOMS = 100;
const REPORT_DIFFERENCES = 20;

/** Tries a loaded version on a copy of each live room and of the extension; nothing goes live and nobody hears of it. */
export async function rehearse(
  application: Application,
  version: Version,
  at: number,
): Promise<RehearsalReport> {
  const candidates: [room: string | null, extension: Extension][] = [];
  if (application.extension && version.extension) candidates.push([null, application.extension]);
  for (const room of application.rooms.values()) {
    if (room.state === "open" && version.rooms.has(room.type)) candidates.push([room.name, room.extension]);
  }
  const tried: RehearsedRoom[] = [];
  const stuck: StuckRoom[] = [];
  const waiting = candidates.values();
  const work = async () => {
    // The workers share one iterator: each takes the next that none has taken.
    for (const [name, extension] of waiting) {
      const room = await rehearseRoom(name, extension, version, stuck);
      const isThere = name === null || application.rooms.get(name)?.extension === extension;
      if (isThere && room) tried.push(room);
    }
  };
  await Promise.all(Array.from({ length: ROOMS_AT_ONCE }, work));
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
    rooms: [...failed, ...changed].slice(0, REPORT_ROOMS),
    stuck: stuck.slice(0, REPORT_ROOMS),
  };
}

async function rehearseRoom(
  room: string | null,
  extension: Extension,
  version: Version,
  stuck: StuckRoom[],
): Promise<RehearsedRoom | undefined> {
  const { version: running } = extension;
  try {
    const { events, errors, before, after } = await extension.copies.rehearse(version);
    const { list, count } =
      after === undefined ? { list: [], count: 0 } : differences(before, after, REPORT_DIFFERENCES);
    return { room, version: running, events, errors, differences: list, differenceCount: count };
  } catch (error) {
    if (isNotWritten(error)) {
      // It would not move either.
      stuck.push({ room, reason: messageOf(error) });
      return undefined;
    }
    const errors = [{ event: "rehearsal", message: messageOf(error) }];
    return { room, version: running, events: 0, errors, differences: [], differenceCount: 0 };
  }
}
