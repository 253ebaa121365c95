import { counted } from "../../text/counted.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";

/** Of a connection what is needed to choose the one that is closed. */
export interface Outgoing {
  /** Bytes that wait for its client. */
  readonly buffered: number;
  close(name: "slow_client"): void;
}

/** How it is bounded. */
export interface AllOutboxesOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes that may wait for all clients together. */
  readonly most: number;
}

/** Share of what may wait that is left when connections have been closed: so the next look at all of them is far off. */
const LEFT_SHARE = 7 / 8;
/** Share by which more has to be found before all are looked at again, where that has shown that it is not too much. */
const LOOK_SHARE = 1 / 16;
/** It is told no more often, ms. */
const TELL_MS = 60_000;

/**
 * What waits for all clients of a server together: each may have its megabytes, all of them no gigabytes. It knows what was found where
 * single outboxes were looked at, and looks at all that had something then only where that is too much.
 */
export class AllOutboxes {
  readonly #options: AllOutboxesOptions;
  /** Bytes that were found, of those where there were any. */
  readonly #found = new Map<Outgoing, number>();
  #total = 0;
  /** Bytes at which all are looked at. */
  #lookAt: number;
  #toldAt = Number.NEGATIVE_INFINITY;
  /** Others are told of each that is closed, and looked at again for it. */
  #isClosing = false;

  constructor(options: AllOutboxesOptions) {
    this.#options = options;
    this.#lookAt = options.most;
  }

  /** Notes what was found to wait for a client; closes those for whom the most waits where that is too much together. */
  note(connection: Outgoing, bytes: number): void {
    const before = this.#found.get(connection);
    if (bytes === 0 && before === undefined) return;
    this.#set(connection, bytes, before ?? 0);
    if (this.#total > this.#lookAt && !this.#isClosing) this.#look();
  }

  /** Forgets a connection that is closed, or has closed. */
  forget(connection: Outgoing): void {
    const before = this.#found.get(connection);
    if (before !== undefined) this.#set(connection, 0, before);
  }

  #set(connection: Outgoing, bytes: number, before: number): void {
    if (bytes === 0) this.#found.delete(connection);
    else this.#found.set(connection, bytes);
    this.#total += bytes - before;
  }

  /** Looks at all that had something, of which most may have gone by now, and closes as many as have to be. */
  #look(): void {
    for (const [connection, before] of this.#found) this.#set(connection, connection.buffered, before);
    const { most } = this.#options;
    const isTooMuch = this.#total > most;
    this.#lookAt = isTooMuch ? most : Math.max(most, this.#total + most * LOOK_SHARE);
    if (!isTooMuch) return;
    const left = most * LEFT_SHARE;
    const waiting = this.#total;
    let closed = 0;
    this.#isClosing = true;
    for (const [connection] of [...this.#found].sort(([, a], [, b]) => b - a)) {
      if (this.#total <= left) break;
      this.forget(connection);
      connection.close("slow_client");
      closed++;
    }
    this.#isClosing = false;
    this.#tell(waiting, closed);
  }

  #tell(waiting: number, closed: number): void {
    const { clock, log, most } = this.#options;
    if (clock.monotonic() - this.#toldAt < TELL_MS) return;
    this.#toldAt = clock.monotonic();
    const text = `${waiting} bytes waited for clients that do not keep up, of ${most} for all together (outboxTotal): closed ${counted(closed, "connection")} for which the most did.`;
    log("warn", text);
  }
}
