import type { Usage } from "../limit/usage.ts";
import type { ScriptEvent } from "../ports/event.ts";
import type { Log, LogLevel } from "../ports/log.ts";
import type { Outcome } from "../ports/outcome.ts";
import { formatPosition } from "../source_position.ts";
import type { Tracing } from "../trace/tracing.ts";
import type { ExtensionOwner } from "./extension_owner.ts";

/** What a script is warned of in a version, each once. */
const MAX_TOLD = 100;

/** Events of which nobody is told that they were not handled. */
const untold: ReadonlySet<ScriptEvent["kind"]> = new Set(["emit", "timer", "fetched", "created"]);

/** What is logged of one extension. */
export class ExtensionLog {
  /** What the script was warned of in this version, whatever sandboxes it was in. */
  readonly #told = new Set<string>();

  /** `running` returns the name of the version that handles the next event. */
  constructor(
    private readonly owner: Pick<ExtensionOwner, "application" | "room" | "limits">,
    private readonly usage: Usage,
    private readonly deps: { readonly log: Log; readonly tracing?: Tracing },
    private readonly running: () => string,
  ) {}

  /** Begins anew: another version may be warned of what the one before was. */
  begin(): void {
    this.#told.clear();
  }

  /** Returns true if what `of` names was not warned of yet. */
  isNew(of: string): boolean {
    if (this.#told.has(of) || this.#told.size >= MAX_TOLD) return false;
    this.#told.add(of);
    return true;
  }

  /** Logs that an event was not handled, where its author is to know. */
  report(event: ScriptEvent, { failure, version }: Outcome): void {
    if (!failure || failure.code === "refused" || failure.code === "invalid_data") return;
    if (failure.code === "no_handler" && event.kind === "fetched") {
      const text = `The answer of fetch "${event.name}" is dropped: there is no fetches.${event.name}.`;
      return this.write("warn", text, version);
    }
    if (failure.code === "no_handler" && event.kind === "timer") {
      // It was there when the timer was set: an edit has taken it out.
      return this.write(
        "warn",
        `Timer "${event.name}" is dropped: there is no timers.${event.name}.`,
        version,
      );
    }
    if (failure.code === "no_handler" || failure.code === "not_saved" || failure.hasNoScript) return;
    if (failure.code === "busy") {
      // Whoever sent a request is told; that an emit, a timer or the like is dropped only the log can tell.
      if (untold.has(event.kind) && !("reply" in event)) this.write("warn", failure.message, version);
      return;
    }
    const place = failure.position ? ` (${formatPosition(failure.position)})` : "";
    const what = "type" in event ? `${event.kind} "${event.type}"` : event.kind;
    const fields = failure.position ? { position: failure.position } : {};
    const text = `The handler of ${what} failed${place}: ${failure.detail ?? failure.message}`;
    this.write("error", text, version, fields);
  }

  /** Logs a line about the extension, unless there are too many. */
  write(level: LogLevel, text: string, version = this.running(), fields = {}): void {
    const { application, room, limits } = this.owner;
    if (!limits.logs.take(text)) return this.usage.lineDropped();
    const { log, tracing } = this.deps;
    const place = { application, ...(room && { room: room.name }), version };
    log(level, text, { ...place, ...fields, ...tracing?.fields });
  }
}
