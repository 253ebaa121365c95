import { countedWere } from "../text/counted.ts";
import { HotroomError } from "../errors.ts";
import { FetchQueue } from "../fetch/fetch_queue.ts";
import { Breaker } from "../limit/breaker.ts";
import { Budget } from "../limit/budget.ts";
import { LogBudget } from "../limit/log_budget.ts";
import { TokenBucket } from "../limit/token_bucket.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { MemoryShortage } from "../ports/memory_shortage.ts";
import type { Limits } from "./settings.ts";
import { Usage } from "../limit/usage.ts";

/** Share of a sandbox's memory that the data of all users may take, as text. */
const USERS_SHARE = 3 / 4;

/** What of an application is followed a second, requests and events, and at once: a request that is followed may lead to many events. */
const TRACES = { rate: 20, burst: 100 };

/** What an application has used and may use as a whole, whichever of its rooms and versions it comes from. */
export class ApplicationLimits {
  readonly usage = new Usage();
  readonly breaker: Breaker;
  readonly logs: LogBudget;
  /** For requests and events that are followed. */
  readonly traces: TokenBucket;
  /** For the data of schedules that wait. */
  readonly schedules: Budget;
  readonly fetches: FetchQueue;
  /** For the data of users, which the extension's sandbox has to hold, too. */
  readonly users: Budget;

  /** `limits` gives the limits of the live version. */
  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly application: string,
    private readonly limits: () => Limits,
  ) {
    this.breaker = new Breaker(clock);
    this.traces = new TokenBucket(clock, TRACES);
    this.schedules = new Budget(() => limits().held);
    this.fetches = new FetchQueue(() => limits().held);
    this.users = new Budget(() => Math.min(limits().held, limits().memory * USERS_SHARE));
    this.logs = new LogBudget(clock, limits, (dropped) =>
      log(
        "warn",
        `${countedWere(dropped, "log line")} dropped: there were more than may be logged (limits.logRate, limits.logBytes).`,
        { application },
      ),
    );
  }

  /** Throws HotroomError where a room can't be made now: nobody is let in, or there is no memory for it. */
  checkRoom(name: string, shortage: MemoryShortage | undefined): void {
    const doing = `create room "${name}"`;
    this.breaker.check(doing);
    if (shortage) throw new HotroomError("too_many_rooms", `Cannot ${doing}: ${this.shortOf(shortage)}.`);
  }

  /** Returns why there is no memory for a room, for a message. */
  shortOf(shortage: MemoryShortage): string {
    if (shortage === "host") return "the script hosts have no memory left for it";
    const { totalMemory } = this.limits();
    return `the application's rooms take the memory that they may, ${totalMemory} bytes (limits.totalMemory)`;
  }

  /** Logs what became of something that a script asked for, unless they log too much; `room` is the name of its room. */
  note(text: string, room?: string): void {
    const { application } = this;
    if (this.logs.take(text)) this.log("warn", text, { application, ...(room !== undefined && { room }) });
  }

  /** Opens the breaker, since a script took what it ran in down too often; `again` runs when it closes. */
  openBreaker(version: string, again: () => void): void {
    const ms = this.breaker.open();
    const text = `It took its script host down too often: no room is made or joined for ${ms / 1000} s.`;
    this.log("error", text, { application: this.application, version });
    this.clock.after(ms, again);
  }
}
