import type { JsonText } from "../../../core/ports/event.ts";
import type { Retrace, RetracedStep, RetraceRequest } from "../../../core/ports/timeline.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import { stateIn } from "../rehearsal/state_look.ts";
import type { PostedResult } from "../sandbox/slot.ts";

/** Events that are asked for at once, at most, and what they may take together by what those before have taken, ms of CPU time. */
const AT_ONCE = 8;
const AT_ONCE_MS = 250;
/** What it may take in all to find that the state can't be written, ms of CPU time: where it is nested very deep, long each time. */
const MOST_UNWRITTEN_MS = 1_000;

/** What events come to that are run again one by one, what that has taken so far, and why no more of them are run. */
export class RetracedSteps {
  readonly #steps: RetracedStep[] = [];
  /** UTF-16 units of states. */
  #read: number;
  /** Of it, what it took to find that the state can't be written, ms of CPU time. */
  #unwritten = 0;
  #whyUnwritten: string | undefined;
  // The first by itself: a snapshot of a state that is made for it takes as long as a thousand others.
  #atOnce = 1;

  /** `before` is the snapshot before the first; `cpu` is what it took to come there, ms of CPU time. */
  constructor(
    private readonly before: JsonText,
    private cpu: number,
    private readonly most: Pick<RetraceRequest, "units" | "cpu">,
  ) {
    this.#read = before.length;
  }

  /** How many events are to be asked for next. */
  get atOnce(): number {
    return this.#atOnce;
  }

  /** Why no more of them are to be run; undefined while they are. */
  get whyCut(): string | undefined {
    const { units, cpu } = this.most;
    if (this.#whyUnwritten !== undefined) return this.#whyUnwritten;
    if (this.cpu > cpu) return `it took ${cpu} ms of CPU time`;
    return this.#read > units ? `states have more than ${units} characters` : undefined;
  }

  /** Adds what so many came to as were asked for: of each the event and the snapshot behind it. */
  add(results: readonly PostedResult[]): void {
    let cost = 0;
    for (let at = 0; at < results.length && this.#whyUnwritten === undefined; at += 2) {
      const [event, state] = [results[at] as PostedResult, results[at + 1] as PostedResult];
      cost += event.cost + state.cost;
      this.#addStep(event, state);
    }
    this.cpu += cost;
    const next = Math.floor((AT_ONCE_MS * this.#atOnce) / Math.max(cost, 1));
    this.#atOnce = Math.max(1, Math.min(AT_ONCE, next));
  }

  /** Returns what was run; `cut` says why that is not all, where nothing else does. */
  retrace(cut?: string): Retrace {
    const why = this.#whyUnwritten ?? cut;
    return { before: stateIn(this.before), steps: this.#steps, ...(why !== undefined && { cut: why }) };
  }

  #addStep({ posted, outcome }: PostedResult, { cost, outcome: { value, failure } }: PostedResult): void {
    const { seq } = posted.call;
    const state = value === undefined ? undefined : stateIn(value);
    this.#steps.push({ seq, outcome, ...(state !== undefined && { state }) });
    this.#read += state?.length ?? 0;
    if (state !== undefined) return;
    this.#unwritten += cost;
    if (this.#unwritten >= MOST_UNWRITTEN_MS)
      this.#whyUnwritten = `the state behind event ${seq} can't be written: ${reasonOf(failure)}`;
  }
}
