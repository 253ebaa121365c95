import { HotroomError } from "../../../core/errors.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { HostView, SandboxesView } from "../../../core/ports/scripts.ts";
import type { Log } from "../../../core/ports/log.ts";
import type { Answer } from "../../wire/answer/answer_decoder.ts";
import { Backoff } from "../../../core/limit/backoff.ts";
import { type Poisoned, ToServer } from "../../wire/frame_kinds.ts";
import { MalformedAnswer } from "../../wire/answer/bodies.ts";
import type { CpuRates } from "../share/cpu_rate.ts";
import { type Frame, frameText } from "../../wire/frame.ts";
import type { Ending, HostLink, HostListener, StartHost } from "../process/host_link.ts";
import { Validation, refusalOf, stopping } from "../sandbox/validation.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { BatchDelay } from "./batch_delay.ts";
import { HostFrames } from "./host_frames.ts";
import { type SandboxHost, Sandbox } from "../sandbox/sandbox.ts";
import { AnswerDelay } from "./answer_delay.ts";
import { hostEnded } from "../sandbox/suspicion.ts";
import { HostSandboxes } from "../sandbox/host_sandboxes.ts";
import { FairQueue } from "../share/fair_queue.ts";
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
  readonly buckets: CpuRates;
}

/**
 * One script host: keeps a process running, hands it batches, one of each sandbox at a time, and weighs what its end
 * means for those it had. Frames are handled by the process in the order in which they are sent.
 */
export class Host implements SandboxHost, HostListener {
  scripts = 0;
  #link: HostLink | undefined;
  #isReady = false;
  #stopped: (() => void) | undefined;
  #restarts = -1;
  #killed: string | undefined;
  readonly #backoff = new Backoff();
  readonly #watchdog: Watchdog;
  #cancelTimer = () => {};
  readonly #sandboxes = new HostSandboxes();
  readonly #queue: FairQueue;
  readonly #answerDelay: AnswerDelay;
  readonly #batchDelay = new BatchDelay(() => this.#handOver());
  readonly #frames = new HostFrames(() => this.#link);

  constructor(
    readonly id: number,
    private readonly deps: HostDeps,
  ) {
    this.#queue = new FairQueue(deps.clock, deps.buckets, () => this.#batchDelay.wait());
    this.#answerDelay = new AnswerDelay(deps.clock);
    this.#watchdog = new Watchdog(deps.clock, {
      cpu: () => this.#link?.cpu(),
      allowance: () => (this.#isReady ? this.#queue.allowance : undefined),
      expired: (used) => this.#expired(used),
    });
    this.#start();
  }

  get view(): HostView {
    const busy = this.#queue.inHand.size > 0 || this.#queue.loading !== undefined;
    const state = !this.#link ? "dead" : !this.#isReady ? "starting" : busy ? "busy" : "ready";
    const pid = this.#link?.pid ?? null;
    const restarts = Math.max(0, this.#restarts);
    return { id: this.id, pid, state, sandboxes: this.#sandboxes.size, scripts: this.scripts, restarts };
  }

  sandboxes(application: string): SandboxesView {
    return this.#sandboxes.view(application);
  }

  /** Work in hand and waiting; the host with least of it loads the next version. */
  get burden(): number {
    return this.#queue.burden;
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
    if (!link || !this.#isReady || this.#stopped || this.#queue.burden > 0) return undefined;
    this.#leave();
    this.#sandboxes.forgetVersions();
    link.adopt(id, listener);
    this.deps.clock.after(0, () => {
      if (!this.#stopped) this.#start();
    });
    return link;
  }

  /** Has the process load a build that no host has validated yet; what comes of it is the load's to tell. */
  load(load: Validation): void {
    if (this.#stopped) return load.fail(stopping());
    this.#queue.addLoad(load);
    this.#batchDelay.wait();
  }

  /** A sandbox of `version` that has room. */
  sandboxWithRoom(version: LoadedVersion): Sandbox | undefined {
    return this.#sandboxes.withRoom(version);
  }

  /** A new sandbox; the process hears of it with the first batch. */
  open(id: number, version: LoadedVersion, capacity: number): Sandbox {
    const sandbox = new Sandbox(id, version, this, capacity);
    this.#sandboxes.add(sandbox);
    return sandbox;
  }

  wake(sandbox: Sandbox): void {
    this.#queue.add(sandbox);
    this.#batchDelay.came();
  }

  drop(sandbox: Sandbox): void {
    this.#forget(sandbox);
    if (sandbox.created && this.#isReady) this.#frames.drop(sandbox);
    if (this.#sandboxes.isUnloading(sandbox.version)) this.unload(sandbox.version);
  }

  /** Frees what the process keeps of a version, once no sandbox of it is left. */
  unload(version: LoadedVersion): void {
    if (this.#sandboxes.unload(version) && this.#isReady) this.#frames.unload(version);
  }

  /** Ends the process: it may finish until `grace` ms have passed. Resolves when it is gone. */
  stop(grace: number): Promise<void> {
    return new Promise((resolve) => {
      this.#stopped = resolve;
      for (const load of this.#queue.takeLoads()) this.load(load);
      this.#queue.takeLoading()?.fail(stopping());
      this.#cancelTimer();
      this.#watchdog.stop();
      this.#queue.stop();
      if (!this.#link) return resolve();
      this.#link.end();
      this.#cancelTimer = this.deps.clock.after(grace, () => this.#link?.kill("killed"));
    });
  }

  frame(frame: Frame): void {
    if (frame.kind !== ToServer.answer) this.#answerDelay.release();
    switch (frame.kind) {
      case ToServer.ready:
        this.#cancelTimer();
        this.#isReady = true;
        return this.#batchDelay.wait();
      case ToServer.progress:
        this.#sandboxes.get(frame.id)?.progressed(frameText(frame));
        return this.#watchdog.progress(`${frame.id}:${frameText(frame)}`);
      case ToServer.loaded:
        this.#gotSomewhere();
        return this.#loaded(frame);
      case ToServer.answer:
        this.#gotSomewhere();
        return this.#answered(this.#sandboxes.get(frame.id), frame);
      case ToServer.poisoned:
        this.#gotSomewhere();
        return this.#poisoned(this.#sandboxes.get(frame.id), JSON.parse(frameText(frame)) as Poisoned);
      default:
        throw new RangeError(`there is no frame of kind ${frame.kind}`);
    }
  }

  writable(): void {
    this.#batchDelay.wait();
  }

  ended(ending: Ending, reason: string): void {
    this.#answerDelay.release();
    this.#leave();
    if (this.#stopped) return this.#stopped();
    const why = this.#killed ?? reason;
    this.#killed = undefined;
    const delay = this.#backoff.failed();
    this.deps.log("error", `Script host ${this.id} is gone: ${why}. It starts again.`, { host: this.id });

    const batch = this.#queue.oldest?.batch;
    if (batch) hostEnded(batch, ending, why);
    const sandboxes = this.#sandboxes.all();
    for (const sandbox of sandboxes) this.#forget(sandbox);
    this.#sandboxes.forgetVersions();
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
      return this.#batchDelay.wait();
    }
    this.#cancelTimer = this.deps.clock.after(this.deps.startTimeout, () => {
      this.#killed = `it was not ready after ${this.deps.startTimeout} ms`;
      this.#link?.kill("crash");
    });
  }

  #expired(used: number): void {
    this.#queue.charge(used);
    this.#killed = `it used ${Math.round(used)} ms of CPU time without an answer`;
    this.#link?.kill("watchdog");
  }

  #handOver(): void {
    while (this.#isReady && this.#link?.isWritable) {
      const next = this.#queue.next();
      if (!next) return;
      if (next instanceof Validation) {
        this.#queue.handed(next);
        this.#frames.load(next);
        this.#watchdog.watch();
      } else this.#give(next);
    }
  }

  #give(sandbox: Sandbox): void {
    const first = () => {
      this.#queue.handed(sandbox);
      if (sandbox.created) return;
      if (this.#sandboxes.know(sandbox.version.id)) this.#frames.learn(sandbox.version);
      sandbox.created = true;
      this.#frames.make(sandbox);
    };
    if (this.#frames.batch(sandbox, this.deps.clock.now(), first)) this.#watchdog.watch();
  }

  #loaded(frame: Frame): void {
    const load = this.#queue.loading;
    if (load?.id === frame.id) {
      this.#queue.takeLoading();
      this.#batchDelay.wait();
      // Noted first: whoever waits for it may give it up at once.
      this.#sandboxes.know(load.id);
      if (!load.answered(frameText(frame))) this.#sandboxes.unlearn(load.id);
      return;
    }
    const refusal = refusalOf(frameText(frame));
    if (refusal === undefined) return;
    this.#sandboxes.unlearn(frame.id);
    for (const sandbox of this.#sandboxes.created(frame.id)) this.#discard(sandbox, refusal);
  }

  #answered(sandbox: Sandbox | undefined, frame: Frame): void {
    if (!sandbox) return this.#answerDelay.release(); // It was dropped since.
    let answer: Answer;
    try {
      answer = sandbox.receive(frame.payload);
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      this.#answerDelay.release();
      this.#frames.drop(sandbox);
      return this.#discard(sandbox, `its sandbox gave a malformed answer: ${error.message}`);
    }
    this.#queue.answered(sandbox, answer.cpu);
    this.#batchDelay.last = answer.settled.length;
    // The host works on what waits while this process applies the effects.
    if (sandbox.waits && !sandbox.hasGrown) this.#queue.add(sandbox);
    this.#handOver();
    this.#link?.flush();
    const next = this.#queue.oldest === sandbox ? sandbox.batch : undefined;
    this.#answerDelay.settle(() => this.#settle(sandbox, answer), next);
  }

  #settle(sandbox: Sandbox, answer: Answer): void {
    sandbox.settle(answer);
    if (sandbox.hasGrown) this.#replace(sandbox);
    else if (sandbox.waits) this.wake(sandbox);
  }

  /** Has the scripts of a sandbox with nothing in hand go on in another, as if their host had been started anew. */
  #replace(sandbox: Sandbox): void {
    if (this.#sandboxes.get(sandbox.id) !== sandbox) return;
    this.#log("info", sandbox, `is replaced: it holds ${sandbox.memory} bytes, most of them unused.`);
    this.drop(sandbox);
    sandbox.lose("its sandbox had grown");
  }

  #poisoned(sandbox: Sandbox | undefined, poisoned: Poisoned): void {
    if (!sandbox) return;
    this.#queue.answered(sandbox, (poisoned.cpu ?? 0) / 1000);
    sandbox.accuse(poisoned);
    this.#discard(sandbox, `its sandbox was given up: ${poisoned.reason}`);
  }

  /** Loses a sandbox that its host has given up already. */
  #discard(sandbox: Sandbox, reason: string): void {
    this.#log("error", sandbox, `is lost: ${reason}.`);
    this.#forget(sandbox);
    this.#batchDelay.wait();
    sandbox.givenUp = true;
    sandbox.lose(reason);
  }

  #log(level: "info" | "error", { id, version }: Sandbox, what: string): void {
    const { application, version: name } = version.build;
    this.deps.log(level, `Sandbox ${id} ${what}`, { application, version: name, host: this.id });
  }

  #forget(sandbox: Sandbox): void {
    this.#sandboxes.remove(sandbox);
    this.#queue.forget(sandbox);
  }

  #retryLoads(ending: Ending, reason: string): void {
    const loading = this.#queue.takeLoading();
    if (loading && !loading.endedWith(ending, reason)) this.#queue.repeat(loading);
    if (this.#backoff.failures < HOPELESS) return;
    const error = new HotroomError("internal", `Cannot start script host ${this.id}: ${reason}.`);
    for (const load of this.#queue.takeLoads()) load.fail(error);
  }

  #gotSomewhere(): void {
    this.#backoff.succeeded();
    this.#watchdog.progress();
  }
}
