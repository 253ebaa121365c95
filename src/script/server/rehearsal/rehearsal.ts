import { HotroomError } from "../../../core/errors.ts";
import type { JsonText } from "../../../core/ports/event.ts";
import type { RehearsalError, RehearsalResult } from "../../../core/ports/rehearsal.ts";
import type { OpenRequest } from "../../wire/batch/batch.ts";
import { Status } from "../../wire/answer/answer.ts";
import { Call } from "../sandbox/call.ts";
import { openTask } from "../../wire/batch/task.ts";
import type { JournalEntry } from "../recovery/journal_entries.ts";
import { eventOf, reasonOf } from "../../wire/answer/failure.ts";
import type { Journal } from "../recovery/journal.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Placement } from "../host/placement.ts";
import type { Slot, Settled } from "../sandbox/slot.ts";
import { TrialRun } from "./trial_run.ts";

/** Errors that one script's rehearsal tells. */
const ERRORS = 20;

/** A version that is tried on a copy of one live script; nothing of it reaches anybody. */
export class Rehearsal {
  /** Of the live script, between two of its events. */
  readonly snapshot = new Call({ kind: "snapshot" });
  readonly done: Promise<RehearsalResult>;
  #slot: Slot | undefined;
  #resolve: (result: RehearsalResult) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(
    /** Whose: `room "lobby"`. */
    private readonly title: string,
    private readonly placement: Placement,
    private readonly version: LoadedVersion,
    private readonly request: Omit<OpenRequest, "version" | "snapshot" | "from">,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Asks for the snapshot, once in each sandbox that the live script comes to. */
  ask(slot: Slot | undefined): void {
    if (slot === this.#slot) return;
    this.#slot = slot;
    slot?.post(this.snapshot);
  }

  /** Rejects with `rehearsal_failed`. */
  fail(reason: string): void {
    const { version } = this.version.build;
    const message = `Cannot rehearse ${version} with ${this.title}: ${reason}`;
    this.#reject(new HotroomError("rehearsal_failed", message));
  }

  /** Goes on with the live snapshot and what the journal holds at that moment. */
  async start(from: LoadedVersion, { opening, entries }: Journal, live: JsonText): Promise<void> {
    // The journal goes on while the rehearsal runs.
    const events = entries.filter(({ call, status }) => call.task.kind !== "join" || status === Status.ok);
    try {
      this.#resolve(await this.#run(from, opening, events, live));
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  async #run(
    from: LoadedVersion,
    opening: Call,
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
    const replayed = entries.map(({ call }) => call.copy());
    const trial = new TrialRun(this.placement, this.placement.stage(this.version));
    const results = await trial.run([
      { call: now },
      { call: then },
      ...replayed.map((call) => ({ call, muted: true, foreign: true })),
      { call: end },
    ]);
    if ("verdict" in results) {
      const index = replayed.indexOf(results.call);
      const event = index < 0 ? "migrate" : eventOf(results.call.task);
      return { events: Math.max(0, index), errors: [{ event, message: results.verdict }], before };
    }
    const errors = [errorOf("migrate", results[0]), errorOf("migrate", results[1])].slice(
      0,
      results[0]?.status === Status.ok ? 2 : 1,
    );
    for (const [index, { call, status }] of entries.entries()) {
      const result = results[2 + index];
      if (status !== Status.handler_failed) errors.push(errorOf(eventOf(call.task), result));
    }
    errors.push(errorOf("snapshot", results.at(-1)));
    const found = errors.filter((error) => error !== undefined).slice(0, ERRORS);
    const last = results.at(-1)?.outcome.value;
    // A copy that was not set up has no events to fail.
    const isOpen = results[1]?.status === Status.ok;
    const told = isOpen ? found : found.filter(({ event }) => event === "migrate");
    const after = last === undefined ? {} : { after: stateOf(last) };
    return { events: isOpen ? entries.length : 0, errors: told, before, ...after };
  }

  /** The state from which the journal's events start, in the version that handled them. */
  async #firstState(
    from: LoadedVersion,
    opening: Call,
  ): Promise<{ snapshot: JsonText } | { snapshot?: undefined; reason: string }> {
    const trial = new TrialRun(this.placement, this.placement.stage(from));
    const results = await trial.run([{ call: opening.copy() }, { call: new Call({ kind: "snapshot" }) }]);
    if ("verdict" in results) return { reason: results.verdict };
    const outcome = results[1]?.outcome;
    return outcome?.value === undefined
      ? { reason: reasonOf(outcome?.failure) }
      : { snapshot: outcome.value };
  }
}

function errorOf(event: string, settled: Settled | undefined): RehearsalError | undefined {
  if (settled?.status !== Status.handler_failed) return undefined;
  const { failure } = settled.outcome;
  const position = failure?.position ? { position: failure.position } : {};
  return { event, message: failure?.detail?.split("\n", 1)[0] ?? "its handler failed", ...position };
}

function stateOf(snapshot: JsonText): unknown {
  return (JSON.parse(snapshot) as { state: unknown }).state;
}
