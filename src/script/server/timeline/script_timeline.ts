import { HotroomError, messageOf } from "../../../core/errors.ts";
import type { Version } from "../../../core/ports/build.ts";
import type { ScriptEvent, UserView } from "../../../core/ports/event.ts";
import type {
  EventStatus,
  JournaledEvent,
  Timeline,
  Retrace,
  RetraceRequest,
} from "../../../core/ports/timeline.ts";
import { Status } from "../../wire/answer/answer.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import type { ScriptRequest } from "../../wire/batch/batch.ts";
import { openTask } from "../../wire/batch/task.ts";
import type { Placement } from "../host/placement.ts";
import type { Journal } from "../recovery/journal.ts";
import type { JournalEntry } from "../recovery/journal_entries.ts";
import { Opening } from "../recovery/opening.ts";
import { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { otherEntries, otherOpening } from "./other_chance.ts";
import { type RetracedCall, RetraceRun } from "./retrace_run.ts";
import { RetracedSteps } from "./retraced_steps.ts";

/** Events that nobody looks at, which are asked for at once. */
const MUTED_AT_ONCE = 256;

/** What a timeline is made of. */
export interface TimelineParts {
  /** What the script is called in messages: `room "lobby"`. */
  readonly title: string;
  readonly placement: Placement;
  readonly request: ScriptRequest;
  /** The version that the journal is run in. */
  readonly version: LoadedVersion;
  readonly journal: Journal;
}

/** What one script has come by to where it was when this was made. */
export class ScriptTimeline implements Timeline {
  readonly version: string;
  readonly isWhole: boolean;
  readonly cost: number;
  readonly #opening: Opening;
  readonly #entries: readonly JournalEntry[];

  constructor(private readonly parts: TimelineParts) {
    const { journal, version } = parts;
    this.version = version.build.version;
    this.isWhole = journal.isFirst && journal.incomplete === undefined;
    this.cost = journal.cost;
    this.#opening = journal.opening.copy();
    this.#entries = [...journal.entries];
  }

  get users(): readonly UserView[] {
    return this.#opening.updates.flatMap(({ users }) => users.add);
  }

  get events(): readonly JournaledEvent[] {
    return this.#entries.map(({ call: { task, seq, time }, status }) => ({
      seq,
      time: time ?? 0,
      event: task as ScriptEvent,
      status: statusOf(status),
    }));
  }

  async retrace(request: RetraceRequest): Promise<Retrace> {
    const { version: other, isOtherwise = false } = request;
    const { incomplete } = this.parts.journal;
    if (incomplete !== undefined) throw this.#failed(`its events are not all known: ${incomplete}`);
    if (this.cost > request.cpu)
      throw this.#failed(`its events took ${Math.round(this.cost)} ms, more than ${request.cpu}`);
    const version = (other as LoadedVersion | undefined) ?? this.parts.version;
    const opening = other === undefined ? this.#opening.copy() : await this.#openingIn(other);
    const run = new RetraceRun(this.parts.placement, version);
    const entries = isOtherwise ? otherEntries(this.#entries) : this.#entries;
    const opened = isOtherwise ? otherOpening(opening) : opening;
    try {
      return await this.#run(run, opened, entries, request);
    } catch (error) {
      throw error instanceof HotroomError ? error : this.#failed(messageOf(error));
    } finally {
      run.end();
    }
  }

  async #run(
    run: RetraceRun,
    opening: Opening,
    entries: readonly JournalEntry[],
    request: RetraceRequest,
  ): Promise<Retrace> {
    const { steps, units } = request;
    const isOther = request.version !== undefined;
    const shown = Math.min(steps, Math.floor(units / Math.max(1, this.#opening.weight)));
    const first = Math.max(0, entries.length - shown);
    const told = opening.pieces.map((call) => ({ call, muted: true }));
    const [opened] = await run.ask([{ call: opening.call }, ...told]);
    if (opened?.status !== Status.ok) throw this.#failed(reasonOf(opened?.outcome.failure));
    const cpu = await this.#replay(run, entries.slice(0, first), isOther, request.cpu);
    const looked = (await run.ask([{ call: new Call({ kind: "snapshot" }) }]))[0];
    const before = looked?.outcome;
    if (before?.value === undefined) throw this.#failed(reasonOf(before?.failure));
    const retraced = new RetracedSteps(before.value, cpu + (looked?.cost ?? 0), request);
    for (let at = first; at < entries.length; ) {
      const { whyCut } = retraced;
      if (whyCut !== undefined) return retraced.retrace(whyCut);
      const part = entries.slice(at, at + retraced.atOnce);
      retraced.add(await run.ask(part.flatMap((entry) => pairOf(entry, isOther))));
      at += part.length;
    }
    const isCut = first > 0 && shown < steps;
    return retraced.retrace(isCut ? `states have more than ${units} characters` : undefined);
  }

  /** Runs events again that nobody looks at; resolves with the CPU time that it took, ms. */
  async #replay(
    run: RetraceRun,
    entries: readonly JournalEntry[],
    isOther: boolean,
    mostCpu: number,
  ): Promise<number> {
    let cpu = 0;
    for (let at = 0; at < entries.length && cpu <= mostCpu; at += MUTED_AT_ONCE) {
      const part = entries.slice(at, at + MUTED_AT_ONCE).map(({ call, status }) => ({
        call: call.copy(),
        muted: true,
        foreign: isOther || status === undefined,
      }));
      for (const { cost } of await run.ask(part)) cpu += cost;
    }
    if (cpu > mostCpu) throw this.#failed(`it took more than ${mostCpu} ms of CPU time`);
    return cpu;
  }

  /** Resolves with what opens the script in another version as it was at the beginning, moved there. */
  async #openingIn(other: Version): Promise<Opening> {
    const { placement, version, request } = this.parts;
    const run = new RetraceRun(placement, version);
    try {
      const calls = [{ call: this.#opening.copy().call }, { call: new Call({ kind: "snapshot" }) }];
      const outcome = (await run.ask(calls))[1]?.outcome;
      if (outcome?.value === undefined) throw new Error(reasonOf(outcome?.failure));
      const name = other.build.version;
      const task = openTask({ ...request, version: name, from: version.build.version }, outcome.value);
      return new Opening(task, this.#opening.updates);
    } catch (error) {
      throw this.#failed(messageOf(error));
    } finally {
      run.end();
    }
  }

  #failed(reason: string): HotroomError {
    const why = reason.replace(/\.$/, "");
    return new HotroomError("replay_failed", `Cannot run the events of ${this.parts.title} again: ${why}.`);
  }
}

/** Returns an event, and the snapshot behind it. In another version a failure is undone, as it would have been. */
function pairOf({ call }: JournalEntry, isOther: boolean): RetracedCall[] {
  return [{ call: call.copy(), guarded: isOther }, { call: new Call({ kind: "snapshot" }) }];
}

function statusOf(status: number | undefined): EventStatus {
  switch (status) {
    case undefined:
      return "foreign";
    case Status.ok:
      return "ok";
    case Status.no_handler:
      return "no_handler";
    case Status.handler_failed:
      return "failed";
    default:
      return "refused";
  }
}
