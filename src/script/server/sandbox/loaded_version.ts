import type { Build, Definition, Version } from "../../../core/ports/build.ts";
import type { LoadRequest } from "../../wire/frame_kinds.ts";
import { Status } from "../../wire/answer/answer.ts";
import type { Task } from "../../wire/batch/task.ts";

/** A version that script hosts know. */
export class LoadedVersion implements Version {
  constructor(
    /** Frame id; never used twice. */
    readonly id: number,
    readonly build: Build,
    readonly extension: Definition | undefined,
    readonly rooms: ReadonlyMap<string, Definition>,
  ) {}

  /**
   * Returns true if a handler of the version ran for a task whose outcome had `status`. `type` is the type of the room;
   * undefined for the application's extension.
   */
  hears(type: string | undefined, task: Task, status: number): boolean {
    const definition = type === undefined ? this.extension : this.rooms.get(type);
    if (status === Status.no_handler || status === Status.invalid_data || !definition) return false;
    const { kind } = task;
    if (kind === "message" || kind === "emit" || kind === "timer") return true;
    return kind === "tick"
      ? definition.tickRate !== undefined
      : definition.handlers.includes(`events.${kind}`);
  }
}

/** Returns what a host needs to load `build`; `trusted` says that another host has validated it. */
export function loadRequest(build: Build, trusted: boolean): LoadRequest {
  return {
    application: build.application,
    version: build.version,
    files: [...build.files],
    ...(build.extension === undefined ? {} : { extension: build.extension }),
    rooms: [...build.rooms],
    limits: build.settings.limits,
    ...(trusted ? { trusted } : {}),
  };
}
