import { HotroomError, messageOf, notWritten } from "../../../core/errors.ts";
import type { JsonText } from "../../../core/ports/event.ts";
import type { RehearsalError, RehearsalResult } from "../../../core/ports/rehearsal.ts";
import type { ScriptRequest } from "../../wire/batch/batch.ts";
import { Status } from "../../wire/answer/answer.ts";
import { Call } from "../sandbox/call.ts";
import { openTask, type Task } from "../../wire/batch/task.ts";
import type { JournalEntry } from "../recovery/journal_entries.ts";
import { eventOf, reasonOf } from "../../wire/answer/failure.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Opening } from "../recovery/opening.ts";
import type { Placement } from "../host/placement.ts";
import type { PostedResult, Slot } from "../sandbox/slot.ts";
import type { ScriptHistory, SnapshotWish } from "./snapshot_wishes.ts";
import { TrialRun } from "./trial_run.ts";

/** Errors that the rehearsal of one script reports at most. */
const MOST_ERRORS = 20;

/** Tries a version on a copy of one live script; nothing of it reaches anybody. */
export class Rehearsal implements SnapshotWish {
  /** What the live script is asked for, between two of its events. */
  readonly snapshot = new Call({ kind: "snapshot" });
  readonly done: Promise<RehearsalResult>;
  #slot: Slot | undefined;
  #resolve: (result: RehearsalResult) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(
    /** What the script is called in messages: `room "lobby"`. */
    private readonly title: string,
    private readonly placement: Placement,
    private readonly version: LoadedVersion,
    private readonly request: ScriptRequest,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Asks for the snapshot, once in each sandbox that the live script comes to. */
  ask(slot: Slot): void {
    if (slot === this.#slot) return;
    this.#slot = slot;
    slot.post(this.snapshot);
  }

  /** Rejects with `rehearsal_failed`. */
  fail(reason: string): void {
    const { version } = this.version.build;
    const message = `Cannot rehearse ${version} with ${this.title}: ${reason}`;
    this.#reject(new HotroomError("rehearsal_failed", message));
  }

  /** Rejects with `state_not_written`: there is no state to rehearse with. */
  failToStart(reason: string): void {
    const { version } = this.version.build;
    this.#reject(
      notWritten(`Cannot rehearse ${version} with ${this.title}: its state can't be written: ${reason}`),
    );
  }

  /** Rehearses with the snapshot of the script in version `from`, and with what brings the script back at this moment. */
  async start(from: LoadedVersion, { opening, entries }: ScriptHistory, live: JsonText): Promise<void> {
    // A copy, since the history goes on while the rehearsal runs.
    const isAdmission = ({ kind }: Task) => kind === "join" || kind === "watch";
    const events = entries.filter(({ call: { task }, status }) => {
      return task.kind !== "reload" && (!isAdmission(task) || status === Status.ok);
    });
    try {
      this.#resolve(await this.#run(from, opening, events, live));
    } catch (error) {
      this.fail(messageOf(error));
    }
  }

  async #run(
    from: LoadedVersion,
    opening: Opening,
    entries: readonly JournalEntry[],
    live: JsonText,
  ): Promise<RehearsalResult> {
    const before = stateOf(live);
    const first = await this.#firstState(from, opening);
    if (first.snapshot === undefined) {
      return { events: 0, errors: [{ event: "snapshot", message: first.reason }], before };
    }
    const move = (snapshot: JsonText) => {
      const { version } = this.version.build;
      return new Call(openTask({ ...this.request, version, from: from.build.version }, snapshot));
    };
    const end = new Call({ kind: "snapshot" });
    const now = move(live);
    const then = move(first.snapshot);
    const told = new Call({ kind: "reload", from: from.build.version });
    const isTold = this.version.handlerOf(this.request.room?.type, told.task) !== undefined;
    const { pieces } = opening.copy();
    const replayed = entries.map(({ call }) => call.copy());
    const trial = new TrialRun(this.placement, this.placement.forRehearsals(this.version));
    const results = await trial.run([
      { call: now },
      { call: then },
      ...pieces.map((call) => ({ call, muted: true })),
      ...replayed.map((call) => ({ call, muted: true, foreign: true })),
      ...(isTold ? [{ call: told, muted: true, foreign: true }] : []),
      { call: end },
    ]);
    if ("verdict" in results) {
      const index = replayed.indexOf(results.call);
      const event = index < 0 && results.call !== told ? "migrate" : eventOf(results.call.task);
      return { events: Math.max(0, index), errors: [{ event, message: results.verdict }], before };
    }
    const errors = [errorOf("migrate", results[0]), errorOf("migrate", results[1])].slice(
      0,
      results[0]?.status === Status.ok ? 2 : 1,
    );
    for (const [index, { call, status }] of entries.entries()) {
      const result = results[2 + pieces.length + index];
      if (status !== Status.handler_failed) errors.push(errorOf(eventOf(call.task), result));
    }
    if (isTold) errors.push(errorOf("reload", results.at(-2)));
    errors.push(errorOf("snapshot", results.at(-1)));
    const found = errors.filter((error) => error !== undefined).slice(0, MOST_ERRORS);
    const last = results.at(-1)?.outcome.value;
    // A copy that was not set up has no events to fail.
    const isOpen = results[1]?.status === Status.ok;
    const reported = isOpen ? found : found.filter(({ event }) => event === "migrate");
    const after = last === undefined ? {} : { after: stateOf(last) };
    return { events: isOpen ? entries.length : 0, errors: reported, before, ...after };
  }

  /** Returns the state from which the events of the history start, in the version that handled them. */
  async #firstState(
    from: LoadedVersion,
    opening: Opening,
  ): Promise<{ snapshot: JsonText } | { snapshot?: undefined; reason: string }> {
    const trial = new TrialRun(this.placement, this.placement.forRehearsals(from));
    const results = await trial.run([
      { call: opening.call.copy() },
      { call: new Call({ kind: "snapshot" }) },
    ]);
    if ("verdict" in results) return { reason: results.verdict };
    const outcome = results[1]?.outcome;
    return outcome?.value === undefined
      ? { reason: reasonOf(outcome?.failure) }
      : { snapshot: outcome.value };
  }
}

function errorOf(event: string, result: PostedResult | undefined): RehearsalError | undefined {
  if (result?.status !== Status.handler_failed) return undefined;
  const { failure } = result.outcome;
  const position = failure?.position ? { position: failure.position } : {};
  return { event, message: failure?.detail?.split("\n", 1)[0] ?? "its handler failed", ...position };
}

function stateOf(snapshot: JsonText): unknown {
  return (JSON.parse(snapshot) as { state: unknown }).state;
}
