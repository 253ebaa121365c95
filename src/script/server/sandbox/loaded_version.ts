import type { Build, Definition, Version } from "../../../core/ports/build.ts";
import type { LoadRequest } from "../../wire/frame_kinds.ts";
import { environmentOf } from "../process/environment.ts";
import type { Task } from "../../wire/batch/task.ts";

/** Name of the handler of ticks; a definition has it if it has a rate of ticks. */
const TICK = "tick";

/** A version that script hosts know. */
export class LoadedVersion implements Version {
  /** Names of the handlers of each room type, and of the application's extension under undefined. */
  readonly #handlers = new Map<string | undefined, ReadonlySet<string>>();

  constructor(
    /** Frame id; never used twice. */
    readonly id: number,
    readonly build: Build,
    readonly extension: Definition | undefined,
    readonly rooms: ReadonlyMap<string, Definition>,
  ) {
    if (extension) this.#handlers.set(undefined, handlersOf(extension));
    for (const [type, definition] of rooms) this.#handlers.set(type, handlersOf(definition));
  }

  /**
   * Returns the name of the handler that a task is for, as `Definition.handlers` has it, or `tick`; undefined if there is none.
   * `type` is the type of the room; undefined for the application's extension.
   */
  handlerOf(type: string | undefined, task: Task): string | undefined {
    const names = this.#handlers.get(type);
    const own = ownHandlerOf(task);
    if (own !== undefined && names?.has(own)) return own;
    const general = `events.${task.kind}`;
    return names?.has(general) ? general : undefined;
  }
}

function handlersOf({ handlers, tickRate }: Definition): ReadonlySet<string> {
  return new Set(tickRate === undefined ? handlers : [...handlers, TICK]);
}

/** Returns the name of the handler that is for tasks of the same type or name only; undefined if there can't be one. */
function ownHandlerOf(task: Task): string | undefined {
  switch (task.kind) {
    case "message":
      return `messages.${task.type}`;
    case "emit":
      return `emits.${task.type}`;
    case "fetched":
      return `fetches.${task.name}`;
    case "timer":
      return `timers.${task.name}`;
    case "tick":
      return TICK;
    default:
      return undefined;
  }
}

/** Returns what a host needs to load `build`; `trusted` says that another host has validated it. */
export function loadRequest(build: Build, trusted: boolean): LoadRequest {
  return {
    application: build.application,
    version: build.version,
    files: [...build.files],
    ...(build.imports && { imports: build.imports }),
    ...(build.extension === undefined ? {} : { extension: build.extension }),
    rooms: [...build.rooms],
    limits: build.settings.limits,
    config: build.settings.config,
    env: environmentOf(build),
    ...(trusted ? { trusted } : {}),
  };
}
