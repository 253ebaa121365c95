import type { Task } from "../../wire/batch/task.ts";
import { Call } from "../sandbox/call.ts";

/** An answered event that a replay runs again. */
export interface JournalEntry {
  readonly call: Call;
  /** What it came to; a replay that comes to something else has diverged. Absent where another version answered it. */
  readonly status?: number;
}

/** Numbers that an event takes. */
const NUMBERS = 5;
/** Texts that an event takes. */
const TEXTS = 3;

/**
 * The entries of a journal, oldest first. Messages and ticks, nearly all there are, are kept as numbers and texts, and become
 * calls again where somebody wants to see them. As three objects each, those of 200 rooms cost the garbage collector half as
 * much time again (docs/decisions/0007-speed.md).
 */
export class JournalEntries {
  /** The oldest ones, as calls. */
  #unfolded: JournalEntry[] = [];
  /** Of each of the others: seq, time, status, 1 for a tick, and whether a reply is wanted or the ms elapsed. */
  #numbers: number[] = [];
  /** User, type and data. */
  #texts: (string | undefined)[] = [];

  get length(): number {
    return this.#unfolded.length + this.#numbers.length / NUMBERS;
  }

  /** Those that are calls already; what is held against one is held only against these. */
  get unfolded(): readonly JournalEntry[] {
    return this.#unfolded;
  }

  add(call: Call, status?: number): void {
    if (status !== undefined && this.#fold(call, status)) return;
    this.#unfold();
    this.#unfolded.push({ call, status });
  }

  /** All of them as calls, which stay the same from now on. */
  all(): readonly JournalEntry[] {
    this.#unfold();
    return this.#unfolded;
  }

  /** Leaves one out; tells whether it was there. */
  leaveOut(entry: (entry: JournalEntry) => boolean): boolean {
    this.#unfold();
    const left = this.#unfolded.filter((one) => !entry(one));
    const isOut = left.length < this.#unfolded.length;
    this.#unfolded = left;
    return isOut;
  }

  clear(): void {
    this.#unfolded = [];
    this.#numbers = [];
    this.#texts = [];
  }

  /** Keeps a call as numbers and texts; tells whether it may be. */
  #fold({ task, seq, time, isSuspect }: Call, status: number): boolean {
    if (isSuspect || time === undefined) return false;
    if (task.kind === "message") {
      this.#numbers.push(seq, time, status, 0, task.reply ? 1 : 0);
      this.#texts.push(task.user, task.type, task.data);
    } else if (task.kind === "tick") {
      this.#numbers.push(seq, time, status, 1, task.elapsed);
      this.#texts.push(undefined, undefined, undefined);
    } else return false;
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
      const call = new Call(task, seq);
      call.time = time;
      this.#unfolded.push({ call, status });
    }
    if (numbers.length === 0) return;
    this.#numbers = [];
    this.#texts = [];
  }
}
