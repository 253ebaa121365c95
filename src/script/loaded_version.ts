import type { Build, Definition, Version } from "../core/ports.ts";
import type { LoadRequest } from "./batch.ts";

/** A version as script hosts know it. */
export class LoadedVersion implements Version {
  constructor(
    /** Frame id; never used twice. */
    readonly id: number,
    readonly build: Build,
    readonly extension: Definition | undefined,
    readonly rooms: ReadonlyMap<string, Definition>,
  ) {}
}

/** What a host needs to load `build`; `trusted` where another host has validated it. */
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
