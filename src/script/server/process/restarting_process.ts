import { Backoff } from "../../../core/limit/backoff.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { Log } from "../../../core/ports/log.ts";
import type { Frame } from "../../../process/frame.ts";
import { ToServer } from "../../wire/frame_kinds.ts";
import type { Ending, HostLink, HostListener, StartHost } from "./host_link.ts";
import { stoppedBySignal } from "./standstill.ts";

/** What a restarting process is made with. */
export interface RestartingProcessDeps {
  readonly start: StartHost;
  readonly clock: Clock;
  readonly log: Log;
  /** How long the process may take to say that it is ready, ms. */
  readonly startTimeout: number;
}

/** How long a process that was killed may take to go, ms: in a wait that it can't be woken from the system keeps it longer. */
const KILLED_MS = 500;
/** How long one that was killed because it hung is waited for, ms: nobody is told of its end where the system does not tell. */
const GIVEN_UP_MS = 2000;

/** Hears of a process that was given up. */
const nobody: HostListener = { frame() {}, writable() {}, ended() {} };

/** The process of one script host, which is started again whenever it ends, later and later if it is never ready. */
export class RestartingProcess implements HostListener {
  #link: HostLink | undefined;
  #isReady = false;
  #starts = 0;
  readonly #backoff = new Backoff();
  /** Why the server has killed the process, until that has ended. */
  #killed: string | undefined;
  #stopped: (() => void) | undefined;
  #cancelTimer = () => {};
  #cancelGivingUp = () => {};

  /** `owner` hears of the process: of its frames but for the first, whenever it takes batches again, and of each end. */
  constructor(
    private readonly id: number,
    private readonly deps: RestartingProcessDeps,
    private readonly owner: HostListener,
  ) {
    this.#start();
  }

  /** The connection to the process; undefined unless it is ready. */
  get link(): HostLink | undefined {
    return this.#isReady ? this.#link : undefined;
  }

  get pid(): number | null {
    return this.#link?.pid ?? null;
  }

  get state(): "dead" | "starting" | "ready" {
    if (!this.#link) return "dead";
    return this.#isReady ? "ready" : "starting";
  }

  /** Whether it runs or is about to. */
  get isUp(): boolean {
    return this.#link !== undefined && this.#backoff.failures < 2;
  }

  /** Whether `stop` was called. */
  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  get restarts(): number {
    return this.#starts - 1;
  }

  /** Starts in a row that came to nothing. */
  get failures(): number {
    return this.#backoff.failures;
  }

  /** Notes that the process works: it has answered something. */
  succeeded(): void {
    this.#backoff.succeeded();
  }

  /** Ends the process at once, and waits for that only a moment; the owner hears `reason`. */
  kill(ending: Ending, reason: string): void {
    const link = this.#link;
    if (!link) return;
    this.#killed = reason;
    this.#cancelGivingUp();
    this.#cancelGivingUp = this.deps.clock.after(GIVEN_UP_MS, () => {
      link.adopt(this.id, nobody);
      this.ended(ending, reason);
    });
    link.kill(ending);
  }

  /** Gives the process to another host, and starts a new one. Returns undefined if it is not ready, or does not run. */
  surrender(id: number, listener: HostListener): HostLink | undefined {
    const { link } = this;
    if (!link || this.#stopped || this.#killed !== undefined) return undefined;
    if (link.usage()?.isStopped) {
      this.kill("killed", stoppedBySignal);
      return undefined;
    }
    this.#leave();
    link.adopt(id, listener);
    this.deps.clock.after(0, () => {
      if (!this.#stopped) this.#start();
    });
    return link;
  }

  /**
   * Ends the process for good; it may finish until `grace` ms have passed, and is killed then. Resolves when it is gone, with
   * true if it was killed.
   */
  stop(grace: number): Promise<boolean> {
    return new Promise((resolve) => {
      let isKilled = false;
      this.#stopped = () => resolve(isKilled);
      this.#cancelTimer();
      if (!this.#link) return resolve(false);
      this.#link.end();
      this.#cancelTimer = this.deps.clock.after(grace, () => {
        isKilled = true;
        this.#cancelTimer = this.deps.clock.after(KILLED_MS, () => resolve(true));
        this.#link?.kill("killed");
      });
    });
  }

  frame(frame: Frame): void {
    if (frame.kind !== ToServer.ready) return this.owner.frame(frame);
    // One that was starting when it was stopped; the timer is the one that ends it.
    if (this.isStopped) return;
    this.#cancelTimer();
    this.#isReady = true;
    this.owner.writable();
  }

  writable(): void {
    this.owner.writable();
  }

  ended(ending: Ending, reason: string): void {
    this.#leave();
    if (this.#stopped) return this.#stopped();
    const why = this.#killed ?? reason;
    this.#killed = undefined;
    this.deps.log("error", `Script host ${this.id} is gone: ${why}. It starts again.`, { host: this.id });
    const delay = this.#backoff.failed();
    if (delay === 0) this.#start();
    else this.#cancelTimer = this.deps.clock.after(delay, () => this.#start());
    this.owner.ended(ending, why);
  }

  #start(): void {
    this.#starts++;
    const { start, clock, startTimeout } = this.deps;
    const link = start(this.id, this);
    this.#link = link;
    if (link.isReady) {
      this.#isReady = true;
      return this.owner.writable();
    }
    this.#cancelTimer = clock.after(startTimeout, () =>
      this.kill("crash", `it was not ready after ${startTimeout} ms`),
    );
  }

  #leave(): void {
    this.#cancelTimer();
    this.#cancelGivingUp();
    this.#link = undefined;
    this.#isReady = false;
  }
}
