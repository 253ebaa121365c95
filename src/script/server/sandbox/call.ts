import type { DirectoryUpdate } from "../../../core/ports/event.ts";
import type { Outcome } from "../../../core/ports/outcome.ts";
import type { KeptAs } from "../../../core/ports/script.ts";
import type { EventTrace } from "../../../core/trace/event_trace.ts";
import type { BatchEncoder } from "../../wire/batch/batch_encoder.ts";
import { encodeTask, type Task, weightOf } from "../../wire/batch/task.ts";
import { Suspicion } from "./suspicion.ts";

/**
 * One task of one script. The object outlives sandboxes and hosts: it is handed over again with the same seq and time
 * until it is answered, and carries what it is suspected of.
 */
export class Call {
  /** Time that the handler sees, ms since the epoch; set when the call is handed over for the first time. */
  time: number | undefined;
  /**
   * When the script took the event, when it was handed to the host that has answered it, when that was, and when it was through the gate;
   * ms of the monotonic clock, 0 where it has not been there.
   */
  acceptedAt = 0;
  handedAt = 0;
  answeredAt = 0;
  savedAt = 0;
  /** Whether it has opened the script once: whatever opens it again may take the memory that it took then. */
  hasOpened = false;
  /** About how many UTF-16 units the task takes in a batch. */
  readonly weight: number;
  #done: ((outcome: Outcome) => void) | undefined;
  #suspicion: Suspicion | undefined;

  /** `done` is for whoever dispatched the task, see `takeDone`. */
  constructor(
    readonly task: Task,
    /** Number of the event in its script, from 1; 0 for a task that is not an event of the script. */
    readonly seq = 0,
    done?: (outcome: Outcome) => void,
    /** What is kept with it, of a durable script. */
    readonly kept?: KeptAs,
    /** Set where it is followed. */
    readonly trace?: EventTrace,
  ) {
    this.#done = done;
    this.time = kept?.again?.time;
    this.weight = weightOf(task);
  }

  /**
   * Returns what is to be called with the outcome, the first time only: a journal may keep the call for long, and must not
   * keep what its dispatcher holds.
   */
  takeDone(): ((outcome: Outcome) => void) | undefined {
    const done = this.#done;
    this.#done = undefined;
    return done;
  }

  /** What the call is suspected of; undefined as long as it never was, which is so for nearly all. */
  get suspicion(): Suspicion | undefined {
    return this.#suspicion;
  }

  /** Whether it opens a script that was open in another sandbox before. */
  get isAgain(): boolean {
    return this.task.kind === "open" && (this.hasOpened || this.task.hasSnapshot);
  }

  /** Returns the call's suspicion, and makes it if there is none yet. */
  suspect(): Suspicion {
    this.#suspicion ??= new Suspicion();
    return this.#suspicion;
  }

  /** Returns a call with the same task and time, free of suspicion, for a sandbox where nothing that it does counts. */
  copy(): Call {
    const copy = new Call(this.task, this.seq, undefined, this.kept);
    copy.time = this.time;
    return copy;
  }

  /**
   * Returns a call that tells as much of who is there as this one and runs no handler; undefined if that is nothing. Who was to be
   * told that somebody leaves, is away or is back is to know it, whatever the handler comes to.
   */
  withoutHandler(): Call | undefined {
    const { task } = this;
    if (task.kind === "directory") return this.copy();
    const update = changeIn(task);
    if (!update) return undefined;
    const call = new Call({ kind: "directory", update }, this.seq, undefined, this.kept);
    call.time = this.time;
    return call;
  }

  /** Adds the call to a batch that is handed over `now`, ms since the epoch. */
  encode(
    batch: BatchEncoder,
    script: number,
    now: number,
    muted: boolean,
    foreign = false,
    guarded = false,
  ): void {
    this.time ??= now;
    encodeTask(batch, this.task, script, this.seq, this.time, muted, foreign, guarded, this.isAgain);
  }
}

/** Returns the update that says what a task says of a user who is known already; undefined where it says nothing of the kind. */
function changeIn(task: Task): DirectoryUpdate | undefined {
  const none = { remove: [], add: [] };
  if (task.kind === "leave") return { users: { remove: [task.user], add: [] }, rooms: none };
  if (task.kind === "reconnect") return { users: { ...none, back: [task.user] }, rooms: none };
  if (task.kind === "disconnect" && task.user !== undefined)
    return { users: { ...none, away: [task.user] }, rooms: none };
  if (task.kind !== "unwatch") return undefined;
  return { users: none, rooms: none, watchers: { remove: [task.user.id], add: [] } };
}
