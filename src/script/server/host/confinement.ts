import { PerApplication } from "../../../core/application/per_application.ts";
import { Backoff } from "../../../core/limit/backoff.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { Log } from "../../../core/ports/log.ts";

/** CPU time that a host may be kept from everybody else at a time, ms: more than a batch takes by the default limits. */
const HOLD_UP_MS = 50;
/** Time in which hold-ups are counted together, and what is too much then, ms: what costs a host its life by the default limits. */
const WINDOW_MS = 60_000;
const MOST_HOLD_UPS_MS = 500;
/** How long an application must hold nobody up to be let out the first time, and at most, ms. */
const FIRST_QUIET_MS = 60_000;
const LONGEST_QUIET_MS = 60 * 60_000;
/** How long it must have been out for the next time to be the first again, ms. */
const FORGIVEN_MS = 10 * 60_000;

/** What one application has held up. */
interface HoldUps {
  /** Hold-ups of the last minute: when, ms of the monotonic clock, and for how long, ms. */
  recent: { readonly at: number; readonly ms: number }[];
  readonly quiet: Backoff;
  /** When it was let out last, ms of the monotonic clock. */
  freeSince: number;
  /** Ends the wait for its being let out; undefined where it is free. */
  cancel: (() => void) | undefined;
}

/**
 * Which applications have to do with a script host apart from the others: those whose code keeps a host from everybody else, by
 * native code that nothing interrupts, by limits of their own or by taking the host down. They come back when
 * they have held nobody up for a while, each time for a longer one (docs/decisions/0011-fairness.md).
 */
export class Confinement {
  readonly #holdUps = new PerApplication<HoldUps>(() => ({
    recent: [],
    quiet: new Backoff(FIRST_QUIET_MS, LONGEST_QUIET_MS, 0),
    freeSince: Number.NEGATIVE_INFINITY,
    cancel: undefined,
  }));
  readonly #confined = new Set<string>();

  /** `changed` is called when an application is confined or let out: its scripts are where they must not be. */
  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly changed: (application: string) => void,
  ) {}

  isConfined(application: string): boolean {
    return this.#confined.has(application);
  }

  /** Notes that an application has used a host for `ms` of CPU time without anybody else having had a turn. */
  heldUp(application: string, ms: number): void {
    if (ms < HOLD_UP_MS) return;
    const record = this.#holdUps.of(application);
    const now = this.clock.monotonic();
    record.recent = [...record.recent.filter(({ at }) => at > now - WINDOW_MS), { at: now, ms }];
    const all = record.recent.reduce((sum, holdUp) => sum + holdUp.ms, 0);
    if (this.isConfined(application) || all < MOST_HOLD_UPS_MS) return;
    const count = record.recent.length === 1 ? "once" : `${record.recent.length} times`;
    this.#confine(
      application,
      `its code held theirs up ${count} in a minute, for ${Math.round(all)} ms`,
      () => false,
    );
  }

  /** Notes that an application takes so much of a host's memory that others would run short; it does for as long as `isLarge` says so. */
  crowded(application: string, isLarge: () => boolean): void {
    if (this.isConfined(application)) return;
    this.#confine(application, "its sandboxes take most of the memory of theirs", isLarge);
  }

  #confine(application: string, why: string, isLarge: () => boolean): void {
    const record = this.#holdUps.of(application);
    this.#confined.add(application);
    this.log("warn", `It is confined to a script host apart from the others: ${why}.`, { application });
    if (this.clock.monotonic() >= record.freeSince + FORGIVEN_MS) record.quiet.succeeded();
    this.#release(application, record, record.quiet.failed(), isLarge);
    this.changed(application);
  }

  /** Forgets whom to let out. */
  stop(): void {
    for (const application of this.#confined) this.#holdUps.of(application).cancel?.();
  }

  /** Lets an application out once it has held nobody up for `quietMs`. */
  #release(application: string, record: HoldUps, quietMs: number, isLarge: () => boolean): void {
    const lastAt = record.recent.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    const since = isLarge() ? this.clock.monotonic() : lastAt;
    record.cancel = this.clock.after(Math.max(0, since + quietMs - this.clock.monotonic()), () => {
      const isQuiet = (record.recent.at(-1)?.at ?? Number.NEGATIVE_INFINITY) === lastAt && !isLarge();
      if (!isQuiet) return this.#release(application, record, quietMs, isLarge);
      this.#confined.delete(application);
      record.recent = [];
      record.freeSince = this.clock.monotonic();
      record.cancel = undefined;
      this.log(
        "info",
        `It is back on the script hosts of all: it has held none up for ${quietMs / 1000} s.`,
        {
          application,
        },
      );
      this.changed(application);
    });
  }
}
