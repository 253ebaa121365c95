import { HotroomError } from "../../../core/errors.ts";
import type { Clock, HostView, Log, SandboxesView } from "../../../core/ports.ts";
import type { Answer } from "../../wire/answer_decoder.ts";
import { Backoff } from "../../../core/limit/backoff.ts";
import { type Poisoned, ToServer } from "../../wire/batch.ts";
import { MalformedAnswer } from "../../wire/bodies.ts";
import type { CpuBuckets } from "../share/cpu_rate.ts";
import { type Frame, frameText } from "../../wire/frame.ts";
import type { HostLink, HostListener, StartHost } from "../process/host_link.ts";
import { Load, refusalOf, stopping } from "../sandbox/validation.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { Lull } from "./batch_delay.ts";
import { Orders } from "./host_frames.ts";
import { type Landlord, Sandbox } from "../sandbox/sandbox.ts";
import { Settling } from "./answer_delay.ts";
import { type Ending, hostEnded } from "../sandbox/suspicion.ts";
import { Tenants } from "../sandbox/host_sandboxes.ts";
import { Turns } from "../share/fair_queue.ts";
import { Watchdog } from "../process/watchdog.ts";

/** Starts in a row that may fail before loads stop waiting for the host. */
const HOPELESS = 4;

/** What a host is made with. */
export interface HostDeps {
  readonly start: StartHost;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a host process may take to say that it is ready, ms. */
  readonly startTimeout: number;
  /** CPU rates of the applications, which hold for all hosts together. */
  readonly buckets: CpuBuckets;
}

/**
 * One script host: keeps a process running, hands it batches, one of each sandbox at a time, and weighs what its end
 * means for those it had. Frames are handled by the process in the order in which they are sent.
 */
export class Host implements Landlord, HostListener {
  scripts = 0;
  #link: HostLink | undefined;
  #isReady = false;
  #stopped: (() => void) | undefined;
  #restarts = -1;
  #killed: string | undefined;
  readonly #backoff = new Backoff();
  readonly #watchdog: Watchdog;
  #cancelTimer = () => {};
  readonly #tenants = new Tenants();
  readonly #turns: Turns;
  readonly #settling: Settling;
  readonly #lull = new Lull(() => this.#handOver());
  readonly #orders = new Orders(() => this.#link);

  constructor(
    readonly id: number,
    private readonly deps: HostDeps,
  ) {
    this.#turns = new Turns(deps.clock, deps.buckets, () => this.#lull.wait());
    this.#settling = new Settling(deps.clock);
    this.#watchdog = new Watchdog(deps.clock, {
      cpu: () => this.#link?.cpu(),
      allowance: () => (this.#isReady ? this.#turns.allowance : undefined),
      expired: (used) => this.#expired(used),
    });
    this.#start();
  }

  get view(): HostView {
    const busy = this.#turns.inHand.size > 0 || this.#turns.loading !== undefined;
    const state = !this.#link ? "dead" : !this.#isReady ? "starting" : busy ? "busy" : "ready";
    const pid = this.#link?.pid ?? null;
    const restarts = Math.max(0, this.#restarts);
    return { id: this.id, pid, state, sandboxes: this.#tenants.size, scripts: this.scripts, restarts };
  }

  sandboxes(application: string): SandboxesView {
    return this.#tenants.view(application);
  }

  /** Work in hand and waiting; the host with least of it loads the next version. */
  get burden(): number {
    return this.#turns.burden;
  }

  /** Whether it runs or is about to. */
  get isUp(): boolean {
    return this.#link !== undefined && this.#backoff.failures < 2;
  }

  /**
   * Gives its process, which is ready and has nothing in hand, to another host, and starts a new one for itself; undefined
   * where it can't. Whoever gets it has to tell it everything again.
   */
  surrender(id: number, listener: HostListener): HostLink | undefined {
    const link = this.#link;
    if (!link || !this.#isReady || this.#stopped || this.#turns.burden > 0) return undefined;
    this.#leave();
    this.#tenants.forgetVersions();
    link.adopt(id, listener);
    this.deps.clock.after(0, () => {
      if (!this.#stopped) this.#start();
    });
    return link;
  }

  /** Has the process load a build that no host has validated yet; what comes of it is the load's to tell. */
  load(load: Load): void {
    if (this.#stopped) return load.fail(stopping());
    this.#turns.addLoad(load);
    this.#lull.wait();
  }

  /** A sandbox of `version` that has room. */
  sandboxWithRoom(version: LoadedVersion): Sandbox | undefined {
    return this.#tenants.withRoom(version);
  }

  /** A new sandbox; the process hears of it with the first batch. */
  open(id: number, version: LoadedVersion, capacity: number): Sandbox {
    const sandbox = new Sandbox(id, version, this, capacity);
    this.#tenants.add(sandbox);
    return sandbox;
  }

  wake(sandbox: Sandbox): void {
    this.#turns.add(sandbox);
    this.#lull.came();
  }

  drop(sandbox: Sandbox): void {
    this.#forget(sandbox);
    if (sandbox.created && this.#isReady) this.#orders.drop(sandbox);
    if (this.#tenants.isUnloading(sandbox.version)) this.unload(sandbox.version);
  }

  /** Frees what the process keeps of a version, once no sandbox of it is left. */
  unload(version: LoadedVersion): void {
    if (this.#tenants.unload(version) && this.#isReady) this.#orders.unload(version);
  }

  /** Ends the process: it may finish until `grace` ms have passed. Resolves when it is gone. */
  stop(grace: number): Promise<void> {
    return new Promise((resolve) => {
      this.#stopped = resolve;
      for (const load of this.#turns.takeLoads()) this.load(load);
      this.#turns.takeLoading()?.fail(stopping());
      this.#cancelTimer();
      this.#watchdog.stop();
      this.#turns.stop();
      if (!this.#link) return resolve();
      this.#link.end();
      this.#cancelTimer = this.deps.clock.after(grace, () => this.#link?.kill("killed"));
    });
  }

  frame(frame: Frame): void {
    if (frame.kind !== ToServer.answer) this.#settling.release();
    switch (frame.kind) {
      case ToServer.ready:
        this.#cancelTimer();
        this.#isReady = true;
        return this.#lull.wait();
      case ToServer.progress:
        this.#tenants.get(frame.id)?.progressed(frameText(frame));
        return this.#watchdog.progress(`${frame.id}:${frameText(frame)}`);
      case ToServer.loaded:
        this.#gotSomewhere();
        return this.#loaded(frame);
      case ToServer.answer:
        this.#gotSomewhere();
        return this.#answered(this.#tenants.get(frame.id), frame);
      case ToServer.poisoned:
        this.#gotSomewhere();
        return this.#poisoned(this.#tenants.get(frame.id), JSON.parse(frameText(frame)) as Poisoned);
      default:
        throw new RangeError(`there is no frame of kind ${frame.kind}`);
    }
  }

  writable(): void {
    this.#lull.wait();
  }

  ended(ending: Ending, reason: string): void {
    this.#settling.release();
    this.#leave();
    if (this.#stopped) return this.#stopped();
    const why = this.#killed ?? reason;
    this.#killed = undefined;
    const delay = this.#backoff.failed();
    this.deps.log("error", `Script host ${this.id} is gone: ${why}. It starts again.`, { host: this.id });

    const batch = this.#turns.oldest?.batch;
    if (batch) hostEnded(batch, ending, why);
    const sandboxes = this.#tenants.all();
    for (const sandbox of sandboxes) this.#forget(sandbox);
    this.#tenants.forgetVersions();
    this.#retryLoads(ending, why);
    if (delay === 0) this.#start();
    else this.#cancelTimer = this.deps.clock.after(delay, () => this.#start());
    for (const sandbox of sandboxes) sandbox.lose(why);
  }

  #leave(): void {
    this.#cancelTimer();
    this.#watchdog.stop();
    this.#link = undefined;
    this.#isReady = false;
  }

  #start(): void {
    this.#restarts++;
    const link = this.deps.start(this.id, this);
    this.#link = link;
    if (link.isReady) {
      this.#isReady = true;
      return this.#lull.wait();
    }
    this.#cancelTimer = this.deps.clock.after(this.deps.startTimeout, () => {
      this.#killed = `it was not ready after ${this.deps.startTimeout} ms`;
      this.#link?.kill("crash");
    });
  }

  #expired(used: number): void {
    this.#turns.charge(used);
    this.#killed = `it used ${Math.round(used)} ms of CPU time without an answer`;
    this.#link?.kill("watchdog");
  }

  #handOver(): void {
    while (this.#isReady && this.#link?.isWritable) {
      const next = this.#turns.next();
      if (!next) return;
      if (next instanceof Load) {
        this.#turns.handed(next);
        this.#orders.load(next);
        this.#watchdog.watch();
      } else this.#give(next);
    }
  }

  #give(sandbox: Sandbox): void {
    const first = () => {
      this.#turns.handed(sandbox);
      if (sandbox.created) return;
      if (this.#tenants.know(sandbox.version.id)) this.#orders.learn(sandbox.version);
      sandbox.created = true;
      this.#orders.make(sandbox);
    };
    if (this.#orders.batch(sandbox, this.deps.clock.now(), first)) this.#watchdog.watch();
  }

  #loaded(frame: Frame): void {
    const load = this.#turns.loading;
    if (load?.id === frame.id) {
      this.#turns.takeLoading();
      this.#lull.wait();
      // Noted first: whoever waits for it may give it up at once.
      this.#tenants.know(load.id);
      if (!load.answered(frameText(frame))) this.#tenants.unlearn(load.id);
      return;
    }
    const refusal = refusalOf(frameText(frame));
    if (refusal === undefined) return;
    this.#tenants.unlearn(frame.id);
    for (const sandbox of this.#tenants.created(frame.id)) this.#discard(sandbox, refusal);
  }

  #answered(sandbox: Sandbox | undefined, frame: Frame): void {
    if (!sandbox) return this.#settling.release(); // It was dropped since.
    let answer: Answer;
    try {
      answer = sandbox.receive(frame.payload);
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      this.#settling.release();
      this.#orders.drop(sandbox);
      return this.#discard(sandbox, `its sandbox gave a malformed answer: ${error.message}`);
    }
    this.#turns.answered(sandbox, answer.cpu);
    this.#lull.last = answer.settled.length;
    // The host works on what waits while this process applies the effects.
    if (sandbox.waits && !sandbox.hasGrown) this.#turns.add(sandbox);
    this.#handOver();
    this.#link?.flush();
    const next = this.#turns.oldest === sandbox ? sandbox.batch : undefined;
    this.#settling.settle(() => this.#settle(sandbox, answer), next);
  }

  #settle(sandbox: Sandbox, answer: Answer): void {
    sandbox.settle(answer);
    if (sandbox.hasGrown) this.#replace(sandbox);
    else if (sandbox.waits) this.wake(sandbox);
  }

  /** Has the scripts of a sandbox with nothing in hand go on in another, as if their host had been started anew. */
  #replace(sandbox: Sandbox): void {
    if (this.#tenants.get(sandbox.id) !== sandbox) return;
    this.#log("info", sandbox, `is replaced: it holds ${sandbox.memory} bytes, most of them unused.`);
    this.drop(sandbox);
    sandbox.lose("its sandbox had grown");
  }

  #poisoned(sandbox: Sandbox | undefined, poisoned: Poisoned): void {
    if (!sandbox) return;
    this.#turns.answered(sandbox, (poisoned.cpu ?? 0) / 1000);
    sandbox.accuse(poisoned);
    this.#discard(sandbox, `its sandbox was given up: ${poisoned.reason}`);
  }

  /** Loses a sandbox that its host has given up already. */
  #discard(sandbox: Sandbox, reason: string): void {
    this.#log("error", sandbox, `is lost: ${reason}.`);
    this.#forget(sandbox);
    this.#lull.wait();
    sandbox.givenUp = true;
    sandbox.lose(reason);
  }

  #log(level: "info" | "error", { id, version }: Sandbox, what: string): void {
    const { application, version: name } = version.build;
    this.deps.log(level, `Sandbox ${id} ${what}`, { application, version: name, host: this.id });
  }

  #forget(sandbox: Sandbox): void {
    this.#tenants.remove(sandbox);
    this.#turns.forget(sandbox);
  }

  #retryLoads(ending: Ending, reason: string): void {
    const loading = this.#turns.takeLoading();
    if (loading && !loading.endedWith(ending, reason)) this.#turns.repeat(loading);
    if (this.#backoff.failures < HOPELESS) return;
    const error = new HotroomError("internal", `Cannot start script host ${this.id}: ${reason}.`);
    for (const load of this.#turns.takeLoads()) load.fail(error);
  }

  #gotSomewhere(): void {
    this.#backoff.succeeded();
    this.#watchdog.progress();
  }
}
