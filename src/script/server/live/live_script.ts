import type { Version } from "../../../core/ports/build.ts";
import { type JsonText, type ScriptEvent, TAKEN_BACK } from "../../../core/ports/event.ts";
import type { Outcome, ScriptFailure } from "../../../core/ports/outcome.ts";
import type { RehearsalResult } from "../../../core/ports/rehearsal.ts";
import type { KeptAs, Script, ScriptView, Subject } from "../../../core/ports/script.ts";
import type { Timeline } from "../../../core/ports/timeline.ts";
import type { ScriptJournal } from "../../../core/ports/script_journal.ts";
import type { EventTrace } from "../../../core/trace/event_trace.ts";
import { failedOutcome } from "../../wire/answer/failure.ts";
import type { ScriptRequest } from "../../wire/batch/batch.ts";
import { isIntact, lastSeqOf } from "../durable/kept_script.ts";
import { Rehearsal } from "../rehearsal/rehearsal.ts";
import { StateLook } from "../rehearsal/state_look.ts";
import { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { ScriptTimeline } from "../timeline/script_timeline.ts";
import { Admission } from "./admission.ts";
import { OutcomeDelivery, type OutcomeDeliveryDeps } from "./outcome_delivery.ts";
import { ScriptLifecycle, type ScriptLifecycleDeps } from "./script_lifecycle.ts";
import { VersionMove } from "./version_move.ts";

/** What a live script is made with. */
export interface LiveScriptDeps extends Omit<ScriptLifecycleDeps, "ended">, OutcomeDeliveryDeps {
  /** Called once, when the script is closed or has failed. */
  ended(script: LiveScript): void;
}

/** The script of one room, or of an application's extension, as the core holds it: takes events or refuses them. */
export class LiveScript implements Script {
  readonly #request: ScriptRequest;
  readonly #delivery: OutcomeDelivery;
  readonly #lifecycle: ScriptLifecycle;
  readonly #admission: Admission;
  #lastSeq = 0;
  /** Those who ask for its state while it is on its way get the same: what has been answered until then is in it. */
  #look: StateLook | undefined;
  /** Events that were dispatched after `close`. */
  readonly #late: Call[] = [];

  constructor(
    version: LoadedVersion,
    subject: Subject,
    private readonly deps: LiveScriptDeps,
  ) {
    const { application, room } = subject;
    const kept = deps.journal?.kept;
    const seed = kept?.seed ?? deps.newSeed();
    if (kept) this.#lastSeq = lastSeqOf(kept);
    this.#request = { application, ...(room ? { room } : {}), seed };
    this.#delivery = new OutcomeDelivery(subject, deps, () => this.version);
    for (const { seq } of kept?.events ?? [])
      this.#delivery.carriedOut = Math.max(this.#delivery.carriedOut, seq);
    const ended = (reason: string) => this.#ended(reason);
    this.#lifecycle = new ScriptLifecycle(version, this.#request, this.#delivery, { ...deps, ended });
    this.#admission = new Admission(this.#lifecycle, this.#delivery, deps);
    if (kept && !isIntact(kept)) {
      const { title } = this.#delivery;
      this.#delivery.log(
        "error",
        `The kept state of ${title} is not the one that was taken: its text has changed.`,
      );
    }
  }

  get version(): string {
    return this.#lifecycle.version.build.version;
  }

  get view(): ScriptView {
    return this.#lifecycle.view;
  }

  /** Resolves when no event waits for an answer. */
  drained(): Promise<void> {
    return this.#lifecycle.events.drained();
  }

  /**
   * Queues one event. One that can't be queued is answered in a microtask: beyond `limits.queue` or `limits.held` with `busy`,
   * which may overtake events that wait, unless the server itself makes it; beyond `limits.wait` a message; after `close` any event,
   * in order.
   */
  dispatch(event: ScriptEvent, done?: (outcome: Outcome) => void, kept?: KeptAs, trace?: EventTrace): void {
    const { isClosed, isOpen, version } = this.#lifecycle;
    if (isClosed) {
      const call = new Call(event, 0, done, undefined, trace);
      return queueMicrotask(() => this.#delivery.refuse(call, "the script is closed"));
    }
    if (!isOpen) {
      this.#late.push(new Call(event, 0, done, undefined, trace));
      return;
    }
    const { limits } = version.build.settings;
    const refusal = kept?.again ? undefined : this.#admission.refusal(event, limits);
    if (refusal) return this.#refuse(new Call(event, 0, done, undefined, trace), refusal);
    const seq = kept?.again?.seq ?? this.#lastSeq + 1;
    this.#lastSeq = Math.max(this.#lastSeq, seq);
    // One that was handled before the server ended has been heard, whatever came before it.
    if (event.kind === "timer" && !event.cron && !kept?.again && event.known !== TAKEN_BACK)
      event.known = this.#delivery.carriedOut;
    this.#lifecycle.accept(new Call(event, seq, done, kept, trace));
  }

  keep(journal: ScriptJournal | undefined): void {
    this.#lifecycle.keeping.change(journal);
  }

  swap(version: Version): Promise<number> {
    const move = this.#moveTo(version);
    this.#lifecycle.move(move);
    return move.done;
  }

  goBack(version: Version): Promise<number> {
    const move = this.#moveTo(version);
    this.#lifecycle.moveBack(move);
    return move.done;
  }

  settle(): void {
    this.#lifecycle.settle();
  }

  rehearse(version: Version): Promise<RehearsalResult> {
    const { title } = this.#delivery;
    const rehearsal = new Rehearsal(title, this.deps.placement, version as LoadedVersion, this.#request);
    this.#lifecycle.wish(rehearsal);
    return rehearsal.done;
  }

  readState(): Promise<JsonText> {
    if (this.#look) return this.#look.done;
    const look = new StateLook(this.#delivery.title);
    this.#look = look;
    const forget = () => {
      this.#look = undefined;
    };
    look.done.then(forget, forget);
    this.#lifecycle.wish(look);
    return look.done;
  }

  timeline(): Timeline {
    const { openVersion: version, journal } = this.#lifecycle;
    const { title } = this.#delivery;
    const { placement } = this.deps;
    return new ScriptTimeline({ title, placement, request: this.#request, version, journal });
  }

  close(): void {
    this.#lifecycle.close();
  }

  abandon(reason: string): void {
    this.#lifecycle.abandon(reason);
  }

  /** Answers an event that can't be queued, once `dispatch` has returned. */
  #refuse(call: Call, failure: ScriptFailure): void {
    queueMicrotask(() => this.#delivery.deliver(call, failedOutcome(this.version, failure)));
  }

  #moveTo(version: Version): VersionMove {
    const { title } = this.#delivery;
    return new VersionMove(title, this.deps.placement, version as LoadedVersion, ++this.#lastSeq);
  }

  #ended(reason: string): void {
    for (const call of this.#late.splice(0)) this.#delivery.refuse(call, reason);
    this.deps.ended(this);
  }
}
