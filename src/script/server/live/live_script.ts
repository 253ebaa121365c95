import type {
  Clock,
  Log,
  Outcome,
  RehearsalResult,
  Script,
  ScriptEvent,
  ScriptView,
  Subject,
  Version,
} from "../../../core/ports.ts";
import type { OpenRequest } from "../../wire/batch.ts";
import { Call } from "../sandbox/call.ts";
import { Course } from "./script_lifecycle.ts";
import { Delivery } from "./outcome_delivery.ts";
import { busy, failedOutcome } from "../../wire/failure.ts";
import type { Ledger } from "../recovery/application_scripts.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { Move } from "./version_move.ts";
import { Moves } from "./move_queue.ts";
import { Pending } from "./event_queue.ts";
import type { Placement } from "../host/placement.ts";
import { Rehearsal } from "../rehearsal/rehearsal.ts";
import { Rehearsals } from "../rehearsal/rehearsal_queue.ts";

/** What a live script is made with. */
export interface LiveScriptDeps {
  readonly placement: Placement;
  readonly clock: Clock;
  readonly log: Log;
  /** What is kept of the application's scripts. */
  readonly ledger: Ledger;
  /** It is closed, or has failed. */
  ended(script: LiveScript): void;
}

/** The script of one room, or of an application's extension, as the core holds it. */
export class LiveScript implements Script {
  #lastSeq = 0;
  /** Events that were dispatched after `close`. */
  readonly #late: Call[] = [];
  readonly #queue: Pending;
  readonly #moves = new Moves();
  readonly #rehearsals = new Rehearsals();
  readonly #delivery: Delivery;
  readonly #request: Omit<OpenRequest, "version" | "snapshot" | "from">;
  readonly #course: Course;

  constructor(
    version: LoadedVersion,
    subject: Subject,
    private readonly deps: LiveScriptDeps,
  ) {
    this.#delivery = new Delivery(subject, deps.log, () => this.version);
    const [seed = 0] = crypto.getRandomValues(new Uint32Array(1));
    const { application, room } = subject;
    const view = room && { name: room.name, type: room.type, maxUsers: room.maxUsers };
    this.#request = { application, ...(view ? { room: view } : {}), seed };
    this.#queue = new Pending(deps.ledger.open());
    const { placement, clock } = deps;
    this.#course = new Course(version, this.#request, this.#delivery, {
      queue: this.#queue,
      moves: this.#moves,
      rehearsals: this.#rehearsals,
      placement,
      clock,
      ledger: deps.ledger,
      ended: (reason) => this.#ended(reason),
    });
    this.#course.start();
  }

  get version(): string {
    return this.#course.version;
  }

  get view(): ScriptView {
    return this.#course.view;
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
    const { isClosed, isOpen, loaded } = this.#course;
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
    if ((waiting >= limits.queue || this.deps.ledger.room(limits) <= 0) && isMany(event)) {
      const call = new Call(event, 0, done);
      return queueMicrotask(() =>
        this.#delivery.deliver(call, failedOutcome(this.version, busy(event, waiting))),
      );
    }
    this.#queue.push(new Call(event, ++this.#lastSeq, done));
    this.#course.goOn();
  }

  swap(version: Version): Promise<number> {
    const move = new Move(this.#delivery.title, version as LoadedVersion);
    this.#add(move);
    return move.done;
  }

  goBack(version: Version): Promise<number> {
    const move = new Move(this.#delivery.title, version as LoadedVersion);
    if (!this.#course.isOpen || !this.#course.returnBy(move)) this.#add(move);
    return move.done;
  }

  settle(): void {
    this.#course.settle();
  }

  rehearse(version: Version): Promise<RehearsalResult> {
    const { placement } = this.deps;
    const rehearsal = new Rehearsal(this.#delivery.title, placement, version as LoadedVersion, this.#request);
    if (this.#course.isOpen) this.#rehearsals.add(rehearsal);
    else rehearsal.fail("it is closed.");
    this.#course.goOn();
    return rehearsal.done;
  }

  close(): void {
    this.#course.close();
  }

  /** Gives up what is not answered; the server stops. */
  abandon(reason: string): void {
    this.#course.abandon(reason);
  }

  #add(move: Move): void {
    if (this.#course.isOpen) this.#moves.add(move);
    else move.fail("it is closed.");
    this.#course.goOn();
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
    case "mirror":
    case "close":
      return false;
    case "disconnect":
      return event.user === undefined;
    default:
      return true;
  }
}
