import { Histogram } from "./histogram.ts";
import type { Percentiles } from "./plan.ts";

/** One line of the ledger room (extensions/ledger), as each member gets it. */
export interface Line {
  from: string;
  seq: number;
  count: number;
  before: number;
  luck: number;
  sum: number;
  edition: number;
}

/** What may go wrong with messages, counted. */
export interface Faults {
  /** Sent, and never answered or never delivered to a member. */
  lost: number;
  /** Answered or delivered twice. */
  repeated: number;
  /** Delivered after a later message of the same sender. */
  reordered: number;
  /** Answered with an error. */
  failed: number;
  /** Connections that were closed. */
  disconnected: number;
  /** Lines that do not follow from the line before: the room's state was lost or changed between two events. */
  broken: number;
  /** Lines of an older edition after those of a newer one. */
  backwards: number;
}

/** Checks what members send and get, message by message. */
export class Account {
  readonly faults: Faults = {
    lost: 0,
    repeated: 0,
    reordered: 0,
    failed: 0,
    disconnected: 0,
    broken: 0,
    backwards: 0,
  };
  /** Texts of the first errors, to be printed. */
  readonly errors: string[] = [];
  /** Of all replies since `begin`. */
  replies = new Histogram();
  messages = 0;
  deliveries = 0;

  #since = { time: performance.now(), cpu: process.cpuUsage() };

  /** Share of a core that this process, which talks and checks, has used since `begin`. */
  get share(): number {
    const { user, system } = process.cpuUsage(this.#since.cpu);
    return (user + system) / 1_000 / (performance.now() - this.#since.time);
  }

  /** Starts a new distribution of reply times; answers the one so far. */
  begin(): Percentiles {
    const before = this.replies.percentiles();
    this.#since = { time: performance.now(), cpu: process.cpuUsage() };
    this.replies = new Histogram();
    return before;
  }
}

/** What one member has heard: each sender's messages and the room's own count must come without gap and in order. */
export class Hearing {
  #next = new Map<string, number>();
  #skipped = new Set<string>();
  #last: Line | undefined;

  constructor(readonly account: Account) {}

  hear(line: Line): void {
    const { faults } = this.account;
    this.account.deliveries++;
    const next = this.#next.get(line.from) ?? 0;
    if (line.seq < next) {
      if (this.#skipped.delete(`${line.from} ${line.seq}`)) faults.reordered++;
      else faults.repeated++;
    } else {
      for (let seq = next; seq < line.seq; seq++) this.#skipped.add(`${line.from} ${seq}`);
      this.#next.set(line.from, line.seq + 1);
    }
    const last = this.#last;
    if (last && (line.count !== last.count + 1 || line.before !== last.luck)) faults.broken++;
    if (last && line.edition < last.edition) faults.backwards++;
    this.#last = line;
  }

  /** At the end: `sent` is what each member of the room has sent. */
  close(sent: ReadonlyMap<string, number>): void {
    this.account.faults.lost += this.#skipped.size;
    for (const [from, count] of sent)
      this.account.faults.lost += Math.max(0, count - (this.#next.get(from) ?? 0));
  }
}
