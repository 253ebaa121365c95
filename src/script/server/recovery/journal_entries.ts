import type { KeptAs } from "../../../core/ports/script.ts";
import { Status } from "../../wire/answer/answer.ts";
import type { Task } from "../../wire/batch/task.ts";
import { Call } from "../sandbox/call.ts";

/** An answered event that a replay runs again. */
export interface JournalEntry {
  readonly call: Call;
  /** Status that it came to, one of `Status`; absent if another version answered it. */
  readonly status?: number | undefined;
  /** Status that it came to in another version, if that answered it. */
  readonly foreignStatus?: number;
}

/** Numbers that a folded event takes. */
const NUMBERS = 5;
/** Texts that a folded event takes. */
const TEXTS = 3;

/**
 * The entries of a journal, oldest first. Messages and ticks, which nearly all are, are folded into numbers and texts, and
 * become calls again when they are asked for: as objects they keep the garbage collector busy (docs/decisions/0007-speed.md).
 */
export class JournalEntries {
  /** The oldest entries, as calls. */
  #unfolded: JournalEntry[] = [];
  /** Of each other entry: seq, time, status, 1 for a tick, and 1 if a reply is wanted or the ms elapsed. */
  #numbers: number[] = [];
  /** Of each other entry: user, type and data. */
  #texts: (string | undefined)[] = [];
  /** What is kept with each other entry that has something, by its seq; undefined for scripts that are not durable. */
  #kept: Map<number, KeptAs> | undefined;

  get length(): number {
    return this.#unfolded.length + this.#numbers.length / NUMBERS;
  }

  /** The entries that are calls already; only these can be under suspicion. */
  get unfolded(): readonly JournalEntry[] {
    return this.#unfolded;
  }

  /** Adds an event that came to `status`. */
  add(call: Call, status: number): void {
    if (this.#fold(call, status)) return;
    this.#unfold();
    this.#unfolded.push({ call, status });
  }

  /** Adds an event that another version answered. */
  addForeign(call: Call, foreignStatus: number): void {
    this.#unfold();
    this.#unfolded.push({ call, foreignStatus });
  }

  /** Returns all entries as calls, which are the same ones from now on. */
  all(): readonly JournalEntry[] {
    this.#unfold();
    return this.#unfolded;
  }

  /**
   * Has replays run the handler of `culprit` no more, if another version answered that; who is there is told without it. Returns true
   * if there is such a handler.
   */
  leaveOut(culprit: Call): boolean {
    this.#unfold();
    const at = this.#unfolded.findIndex(({ call, status }) => call === culprit && status === undefined);
    if (at < 0 || culprit.task.kind === "directory") return false;
    const rest = culprit.withoutHandler();
    this.#unfolded.splice(at, 1, ...(rest ? [{ call: rest, foreignStatus: Status.no_handler }] : []));
    return true;
  }

  clear(): void {
    this.#unfolded = [];
    this.#numbers = [];
    this.#texts = [];
    this.#kept?.clear();
  }

  /** Keeps a call as numbers and texts. Returns false if it must be kept as it is. */
  #fold({ task, seq, time, suspicion, kept }: Call, status: number): boolean {
    if (suspicion !== undefined || time === undefined) return false;
    if (task.kind === "message") {
      this.#numbers.push(seq, time, status, 0, task.reply ? 1 : 0);
      this.#texts.push(task.user, task.type, task.data);
    } else if (task.kind === "tick") {
      this.#numbers.push(seq, time, status, 1, task.elapsed);
      this.#texts.push(undefined, undefined, undefined);
    } else return false;
    if (kept?.origin !== undefined) {
      this.#kept ??= new Map();
      this.#kept.set(seq, { origin: kept.origin });
    }
    return true;
  }

  #unfold(): void {
    const numbers = this.#numbers;
    const texts = this.#texts;
    for (let at = 0, text = 0; at < numbers.length; at += NUMBERS, text += TEXTS) {
      const [seq = 0, time = 0, status = 0, isTick = 0, detail = 0] = numbers.slice(at, at + NUMBERS);
      const [user = "", type = "", data] = texts.slice(text, text + TEXTS);
      const task: Task =
        isTick === 1
          ? { kind: "tick", elapsed: detail }
          : { kind: "message", user, type, reply: detail === 1, data };
      const call = new Call(task, seq, undefined, this.#kept?.get(seq));
      call.time = time;
      this.#unfolded.push({ call, status });
    }
    if (numbers.length === 0) return;
    this.#numbers = [];
    this.#texts = [];
    this.#kept?.clear();
  }
}

/** Returns true if an event can have changed nothing, since there is no handler for it: a journal says as much without it. */
export function changesNothing({ kind }: Task, status: number): boolean {
  return status === Status.no_handler && (kind === "message" || kind === "timer" || kind === "fetched");
}
