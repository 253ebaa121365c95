import type { Outcome } from "../ports/outcome.ts";
import type { UsageView } from "../view/server_view.ts";

/** What the events of a room, or of a whole application, have used since it was made, and how many failed. */
export class Usage {
  #cpu = 0;
  #events = 0;
  #effects = 0;
  #bytes = 0;
  readonly #failures = new Map<string, number>();
  #logLinesDropped = 0;

  /** What is counted here counts for `whole`, too. */
  constructor(private readonly whole?: Usage) {}

  /** CPU time, ms. */
  get cpu(): number {
    return this.#cpu;
  }

  get events(): number {
    return this.#events;
  }

  /** Events that failed, for whatever reason. */
  get failed(): number {
    let failed = 0;
    for (const count of this.#failures.values()) failed += count;
    return failed;
  }

  /** Counts one event, whatever its outcome. */
  event(outcome: Outcome): void {
    this.#count(outcome, 1);
  }

  /** Counts further effects of the last event. */
  more({ version, effects }: Outcome): void {
    this.#count({ version, effects }, 0);
  }

  /** Counts something that went past a limit of the server's, by the name of the limit. */
  breach(limit: string): void {
    this.#failures.set(limit, (this.#failures.get(limit) ?? 0) + 1);
    this.whole?.breach(limit);
  }

  /** Counts a line that was not logged, since there were too many. */
  lineDropped(): void {
    this.#logLinesDropped++;
    this.whole?.lineDropped();
  }

  /** Returns the counts of now. */
  view(): UsageView {
    return {
      cpu: Math.round(this.#cpu * 1000) / 1000,
      events: this.#events,
      effects: this.#effects,
      bytes: this.#bytes,
      failures: Object.fromEntries(this.#failures),
      logLinesDropped: this.#logLinesDropped,
    };
  }

  #count({ cpu = 0, effects, value, failure }: Outcome, events: number): void {
    let bytes = (value ?? failure?.data)?.length ?? 0;
    let count = 0;
    for (const effect of effects) {
      if (effect.kind === "log") continue;
      count++;
      if ("data" in effect && effect.data !== undefined) bytes += effect.data.length;
    }
    this.#add(cpu, events, count, bytes, failure && (failure.limit ?? failure.code));
  }

  #add(cpu: number, events: number, effects: number, bytes: number, failure: string | undefined): void {
    this.#cpu += cpu;
    this.#events += events;
    this.#effects += effects;
    this.#bytes += bytes;
    if (failure !== undefined) this.#failures.set(failure, (this.#failures.get(failure) ?? 0) + 1);
    if (this.whole) this.whole.#add(cpu, events, effects, bytes, failure);
  }
}
