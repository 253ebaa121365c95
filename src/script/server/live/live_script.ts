import type { Clock } from "../../../core/ports/clock.ts";
import type { Log } from "../../../core/ports/log.ts";
import type { Outcome } from "../../../core/ports/outcome.ts";
import type { RehearsalResult } from "../../../core/ports/rehearsal.ts";
import type { Script, ScriptView, Subject } from "../../../core/ports/script.ts";
import type { ScriptEvent } from "../../../core/ports/event.ts";
import type { Version } from "../../../core/ports/build.ts";
import type { OpenRequest } from "../../wire/batch/batch.ts";
import { Call } from "../sandbox/call.ts";
import { ScriptLifecycle } from "./script_lifecycle.ts";
import { OutcomeDelivery } from "./outcome_delivery.ts";
import { busy, failedOutcome } from "../../wire/answer/failure.ts";
import type { ApplicationScripts } from "../recovery/application_scripts.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { VersionMove } from "./version_move.ts";
import { MoveQueue } from "./move_queue.ts";
import { EventQueue } from "./event_queue.ts";
import type { Placement } from "../host/placement.ts";
import { Rehearsal } from "../rehearsal/rehearsal.ts";
import { RehearsalQueue } from "../rehearsal/rehearsal_queue.ts";

/** What a live script is made with. */
export interface LiveScriptDeps {
  readonly placement: Placement;
  readonly clock: Clock;
  readonly log: Log;
  /** What is kept of the application's scripts. */
  readonly scripts: ApplicationScripts;
  /** It is closed, or has failed. */
  ended(script: LiveScript): void;
}

/** The script of one room, or of an application's extension, as the core holds it. */
export class LiveScript implements Script {
  #lastSeq = 0;
  /** Events that were dispatched after `close`. */
  readonly #late: Call[] = [];
  readonly #queue: EventQueue;
  readonly #moves = new MoveQueue();
  readonly #rehearsals = new RehearsalQueue();
  readonly #delivery: OutcomeDelivery;
  readonly #request: Omit<OpenRequest, "version" | "snapshot" | "from">;
  readonly #lifecycle: ScriptLifecycle;

  constructor(
    version: LoadedVersion,
    subject: Subject,
    private readonly deps: LiveScriptDeps,
  ) {
    this.#delivery = new OutcomeDelivery(subject, deps.log, () => this.version);
    const [seed = 0] = crypto.getRandomValues(new Uint32Array(1));
    const { application, room } = subject;
    const view = room && { name: room.name, type: room.type, maxUsers: room.maxUsers };
    this.#request = { application, ...(view ? { room: view } : {}), seed };
    this.#queue = new EventQueue(deps.scripts.open());
    const { placement, clock } = deps;
    this.#lifecycle = new ScriptLifecycle(version, this.#request, this.#delivery, {
      queue: this.#queue,
      moves: this.#moves,
      rehearsals: this.#rehearsals,
      placement,
      clock,
      scripts: deps.scripts,
      ended: (reason) => this.#ended(reason),
    });
    this.#lifecycle.start();
  }

  get version(): string {
    return this.#lifecycle.version;
  }

  get view(): ScriptView {
    return this.#lifecycle.view;
  }

  /** Resolves when nothing waits for an answer. */
  drained(): Promise<void> {
    return this.#queue.drained();
  }

  /**
   * Queues one event. One that can't be queued is answered in a microtask: beyond `limits.queue` or `limits.held` with `busy`,
   * which may overtake events that wait, unless there can't be many of its kind; after `close` any event, in order.
   */
  dispatch(event: ScriptEvent, done?: (outcome: Outcome) => void): void {
    const { isClosed, isOpen, loaded } = this.#lifecycle;
    if (isClosed) {
      const call = new Call(event, 0, done);
      return queueMicrotask(() => this.#delivery.refuse(call, "the script is closed"));
    }
    if (!isOpen) {
      this.#late.push(new Call(event, 0, done));
      return;
    }
    const waiting = this.#queue.length;
    const { limits } = loaded.build.settings;
    if ((waiting >= limits.queue || this.deps.scripts.room(limits) <= 0) && isMany(event)) {
      const call = new Call(event, 0, done);
      return queueMicrotask(() =>
        this.#delivery.deliver(call, failedOutcome(this.version, busy(event, waiting))),
      );
    }
    this.#queue.push(new Call(event, ++this.#lastSeq, done));
    this.#lifecycle.goOn();
  }

  swap(version: Version): Promise<number> {
    const move = new VersionMove(this.#delivery.title, version as LoadedVersion);
    this.#add(move);
    return move.done;
  }

  goBack(version: Version): Promise<number> {
    const move = new VersionMove(this.#delivery.title, version as LoadedVersion);
    if (!this.#lifecycle.isOpen || !this.#lifecycle.returnBy(move)) this.#add(move);
    return move.done;
  }

  settle(): void {
    this.#lifecycle.settle();
  }

  rehearse(version: Version): Promise<RehearsalResult> {
    const { placement } = this.deps;
    const rehearsal = new Rehearsal(this.#delivery.title, placement, version as LoadedVersion, this.#request);
    if (this.#lifecycle.isOpen) this.#rehearsals.add(rehearsal);
    else rehearsal.fail("it is closed.");
    this.#lifecycle.goOn();
    return rehearsal.done;
  }

  close(): void {
    this.#lifecycle.close();
  }

  /** Gives up what is not answered; the server stops. */
  abandon(reason: string): void {
    this.#lifecycle.abandon(reason);
  }

  #add(move: VersionMove): void {
    if (this.#lifecycle.isOpen) this.#moves.add(move);
    else move.fail("it is closed.");
    this.#lifecycle.goOn();
  }

  #ended(reason: string): void {
    for (const call of this.#late.splice(0)) this.#delivery.refuse(call, reason);
    this.deps.ended(this);
  }
}

/** Whether there can be any number of such events: of those that tell who is there, there are as many as users. */
function isMany(event: ScriptEvent): boolean {
  switch (event.kind) {
    case "init":
    case "leave":
    case "reconnect":
    case "logout":
    case "directory":
    case "close":
      return false;
    case "disconnect":
      return event.user === undefined;
    default:
      return true;
  }
}
