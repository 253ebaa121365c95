import { HotroomClientError } from "../error.ts";
import type { Outgoing } from "./outbox.ts";

/** How one request waits. */
export interface RequestOptions {
  /**
   * Milliseconds until it rejects with `timeout`, time in which the client is away included; 0 waits for ever. Where it is not
   * given, `connect`'s timeout holds, and begins anew when the client is back.
   */
  timeout?: number;
  /** Rejects with the signal's reason; what the server does with the request is not undone, unless it is a join. */
  signal?: AbortSignal;
}

/** A request that waits for its reply. */
export class Pending {
  /** Whether it goes with its connection. */
  isDirect = false;
  /** Whether its answer may have been lost. */
  isDoubtful = false;
  onGivenUp: () => void = () => {};
  readonly #timeout: number;
  /** Whether the time counts only while there is a connection. */
  readonly #isPatient: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #take: (data: unknown) => unknown;
  readonly #resolve: (value: never) => void;
  readonly #reject: (error: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly item: Outgoing,
    readonly what: string,
    options: RequestOptions,
    timeout: number,
    take: (data: unknown) => unknown,
    resolve: (value: never) => void,
    reject: (error: unknown) => void,
  ) {
    this.#timeout = options.timeout ?? timeout;
    this.#isPatient = options.timeout === undefined;
    this.#signal = options.signal;
    this.#take = take;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal?.addEventListener("abort", this.#abort);
    if (!this.#isPatient) this.#start();
  }

  get event(): Outgoing["event"] {
    return this.item.event;
  }

  /** Starts the clock of a request that has no time of its own: there is a connection. */
  arm(): void {
    if (this.#isPatient && this.#timer === undefined) this.#start();
  }

  /** Stops that clock. */
  disarm(): void {
    if (!this.#isPatient) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Makes what waits in its place for a reply that comes too late. */
  lateFor(hear: () => void): Pending {
    const nothing = () => {};
    return new Pending(this.item, this.what, { timeout: 0 }, 0, hear, nothing, nothing);
  }

  resolve(data: unknown): void {
    this.#settle();
    try {
      this.#resolve(this.#take(data) as never);
    } catch (cause) {
      const message = `Cannot ${this.what}: the server's reply is not one of hotroom.v1.`;
      this.#reject(new HotroomClientError("bad_frame", message, { cause }));
    }
  }

  reject(error: unknown): void {
    this.#settle();
    this.#reject(error);
  }

  readonly #abort = () => this.#giveUp(this.#signal?.reason);

  #start(): void {
    if (!(this.#timeout > 0 && Number.isFinite(this.#timeout))) return;
    const message = `Cannot ${this.what}: no reply in ${this.#timeout} ms.`;
    const { room } = this.item;
    const late = () => new HotroomClientError("timeout", message, { room });
    this.#timer = setTimeout(() => this.#giveUp(late()), this.#timeout);
  }

  #giveUp(error: unknown): void {
    this.#settle();
    this.onGivenUp();
    this.#reject(error);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#abort);
  }
}
