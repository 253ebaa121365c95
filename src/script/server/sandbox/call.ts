import type { Outcome } from "../../../core/ports/outcome.ts";
import type { BatchEncoder } from "../../wire/batch/batch_encoder.ts";
import { encodeTask, type Task, weightOf } from "../../wire/batch/task.ts";
import { Suspicion } from "./suspicion.ts";

/**
 * One task of one script. The object outlives sandboxes and hosts: it is handed over again with the same seq and time
 * until it is answered, and carries what is suspected of it.
 */
export class Call {
  /** Milliseconds since the epoch as the handler sees it; fixed when it is first handed over. */
  time: number | undefined;
  /** About how many UTF-16 units it takes in a batch. */
  readonly weight: number;
  #done: ((outcome: Outcome) => void) | undefined;
  #suspicion: Suspicion | undefined;

  constructor(
    readonly task: Task,
    /** From 1 for events; 0 for the rest, which are no events of the script. */
    readonly seq = 0,
    done?: (outcome: Outcome) => void,
  ) {
    this.#done = done;
    this.weight = weightOf(task);
  }

  /** Who dispatched it is told once; what they had in hand then is not kept with the call, which a journal may keep long. */
  takeDone(): ((outcome: Outcome) => void) | undefined {
    const done = this.#done;
    this.#done = undefined;
    return done;
  }

  /** What is held against it; made when it is first asked for, since next to no call is ever suspected. */
  get suspicion(): Suspicion {
    this.#suspicion ??= new Suspicion();
    return this.#suspicion;
  }

  /** Whether anything may be held against it. */
  get isSuspect(): boolean {
    return this.#suspicion !== undefined;
  }

  /** The same task at the same time, free of suspicion: for a sandbox where nothing that it does counts. */
  copy(): Call {
    const copy = new Call(this.task, this.seq);
    copy.time = this.time;
    return copy;
  }

  /** Adds it to a batch that is made `now`. */
  encode(batch: BatchEncoder, script: number, now: number, muted: boolean, foreign = false): void {
    this.time ??= now;
    encodeTask(batch, this.task, script, this.seq, this.time, muted, foreign);
  }
}
