import type { PerApplication } from "../../../core/application/per_application.ts";
import type { HostView } from "../../../core/ports/scripts.ts";
import type { Answer } from "../../wire/answer/answer_decoder.ts";
import { MalformedAnswer } from "../../wire/answer/malformed_answer.ts";
import { type Frame, frameText } from "../../../process/frame.ts";
import { type Poisoned, ToServer } from "../../wire/frame_kinds.ts";
import { HostMemory } from "../memory/host_memory.ts";
import type { MemoryCount } from "../memory/memory_count.ts";
import { OutOfMemory } from "../memory/sandbox_memory.ts";
import type { Ending, HostLink, HostListener } from "../process/host_link.ts";
import { RestartingProcess, type RestartingProcessDeps } from "../process/restarting_process.ts";
import { Watchdog } from "../process/watchdog.ts";
import { HostSandboxes } from "../sandbox/host_sandboxes.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import { Sandbox, type SandboxHost } from "../sandbox/sandbox.ts";
import type { Posted } from "../sandbox/slot.ts";
import { hostEnded } from "../sandbox/suspicion.ts";
import { stopping, type Validation } from "../sandbox/validation.ts";
import { Outcomes, type OutcomesOwner } from "../sandbox/outcomes.ts";
import type { CpuRate } from "../share/cpu_rate.ts";
import { FairQueue } from "../share/fair_queue.ts";
import type { OutcomeQueue } from "../share/outcome_queue.ts";
import { AnswerDelay } from "./answer_delay.ts";
import { BatchDelay } from "./batch_delay.ts";
import { Company } from "./company.ts";
import type { Confinement } from "./confinement.ts";
import { HandOver } from "./hand_over.ts";
import { HostFrames } from "./host_frames.ts";
import { HostLoads } from "./host_loads.ts";

/** What a host is made with. */
export interface HostDeps extends RestartingProcessDeps {
  /** CPU rates of the applications, which hold for all hosts together. */
  readonly cpuRates: PerApplication<CpuRate>;
  /** Applies what the answers of all hosts came to. */
  readonly outcomes: OutcomeQueue;
  /** Which applications must be on a host apart; without it all may be on any. */
  readonly confinement?: Confinement;
  /** Counts what the sandboxes of applications take on all hosts. */
  readonly memory: PerApplication<MemoryCount>;
  /** What all sandboxes of a host may take, bytes; without it there is no limit. */
  readonly mostMemory?: number | undefined;
}

/**
 * One script host: hands batches to its process, one of each sandbox at a time, and judges what the end of the process means
 * for those it had. The process handles frames in the order in which they are sent.
 */
export class Host implements SandboxHost, HostListener, OutcomesOwner {
  readonly sandboxes: HostSandboxes;
  #scripts = 0;
  readonly #frames = new HostFrames();
  readonly #queue: FairQueue;
  readonly #loads: HostLoads;
  readonly #handOver: HandOver;
  readonly #company: Company;
  readonly #batchDelay: BatchDelay;
  readonly #answerDelay: AnswerDelay;
  readonly #watchdog: Watchdog;
  readonly #process: RestartingProcess;

  constructor(
    readonly id: number,
    private readonly deps: HostDeps,
    /** Called when no script is left; given for the host of the applications that are confined. */
    private readonly emptied?: () => void,
  ) {
    const { clock } = deps;
    this.#batchDelay = new BatchDelay(clock, () => this.#handBatches());
    this.sandboxes = new HostSandboxes(new HostMemory(deps.memory, deps.mostMemory));
    const tell = (sandbox: Sandbox, text: string) => this.#log("info", sandbox, text);
    this.#company = new Company(this.sandboxes, deps.confinement, emptied !== undefined, tell);
    this.#queue = new FairQueue(clock, deps.cpuRates, deps.outcomes, () => this.#batchDelay.wait());
    this.#loads = new HostLoads(id, this.#queue, this.sandboxes);
    const reject = (sandbox: Sandbox, reason: string) => this.#reject(sandbox, reason);
    this.#handOver = new HandOver(this.#queue, this.sandboxes, this.#frames, clock, reject);
    this.#answerDelay = new AnswerDelay(clock);
    this.#watchdog = new Watchdog(clock, {
      usage: () => this.#process.link?.usage(),
      allowance: () => (this.#process.link ? this.#queue.allowance : undefined),
      expired: (used) => this.#expired(used),
      stuck: (reason) => this.#process.kill("killed", reason),
    });
    this.#process = new RestartingProcess(id, deps, this);
  }

  get view(): HostView {
    const { pid, state, restarts } = this.#process;
    const isBusy = state === "ready" && (this.#queue.inHand.size > 0 || this.#queue.loading !== undefined);
    return {
      id: this.id,
      pid,
      state: isBusy ? "busy" : state,
      sandboxes: this.sandboxes.size,
      scripts: this.#scripts,
      restarts,
    };
  }

  /** Scripts in all its sandboxes. */
  get scripts(): number {
    return this.#scripts;
  }

  /** Batches and loads that it has or that wait for it; the host with the fewest loads the next version. */
  get burden(): number {
    return this.#queue.burden;
  }

  /** Whether the process runs or is about to. */
  get isUp(): boolean {
    return this.#process.isUp;
  }

  countScripts(change: number): void {
    this.#scripts += change;
    if (this.#scripts === 0) this.emptied?.();
  }

  /**
   * Gives its process, if that is ready and has nothing to do, to another host, and starts a new one for itself. Returns
   * undefined if it can't. The process keeps nothing of what it was told.
   */
  surrender(id: number, listener: HostListener): HostLink | undefined {
    const link = this.#queue.burden > 0 ? undefined : this.#process.surrender(id, listener);
    if (!link) return undefined;
    this.#watchdog.stop();
    this.sandboxes.forgetVersions();
    return link;
  }

  /** Has the process load a build that no host has validated yet; `load` is told what comes of it. */
  load(load: Validation): void {
    if (this.#process.isStopped) return load.fail(stopping());
    this.#queue.addLoad(load);
    this.#batchDelay.wait();
  }

  /** Returns a new sandbox; the process hears of it with the first batch. */
  open(id: number, version: LoadedVersion, capacity: number): Sandbox {
    const sandbox = new Sandbox(id, version, this, capacity, this.sandboxes.count(version));
    this.sandboxes.add(sandbox);
    return sandbox;
  }

  /** Has the scripts of an application that must not be here go on elsewhere; those that are at work, once they are done. */
  moveOut(application: string): void {
    this.#answerDelay.release();
    for (const sandbox of this.sandboxes.all()) {
      if (sandbox.application !== application || !this.#company.isAstray(application)) continue;
      this.#company.review(sandbox);
      this.deps.outcomes.finish(sandbox);
      this.applied(sandbox);
    }
  }

  wake(sandbox: Sandbox): void {
    this.#queue.add(sandbox);
    this.#batchDelay.event();
  }

  drop(sandbox: Sandbox): void {
    this.#forget(sandbox);
    if (sandbox.isCreated) this.#process.link?.send(this.#frames.drop(sandbox));
    if (this.sandboxes.isUnloading(sandbox.version)) this.unload(sandbox.version);
  }

  /** Has the process forget a version, once no sandbox of it is left. */
  unload(version: LoadedVersion): void {
    if (this.sandboxes.unload(version)) this.#process.link?.send(this.#frames.unload(version));
  }

  /** Ends the process for good, as `RestartingProcess.stop`; resolves with true if it was killed. */
  stop(grace: number): Promise<boolean> {
    const stopped = this.#process.stop(grace);
    this.#loads.stop();
    this.#watchdog.stop();
    this.#queue.stop();
    return stopped;
  }

  frame(frame: Frame): void {
    if (frame.kind !== ToServer.answer) this.#answerDelay.release();
    const sandbox = this.sandboxes.get(frame.id);
    switch (frame.kind) {
      case ToServer.progress:
        sandbox?.progressed(frameText(frame));
        return this.#watchdog.progress(`${frame.id}:${frameText(frame)}`);
      case ToServer.loaded:
        this.#progressed();
        return this.#loaded(frame);
      case ToServer.answer:
        this.#progressed();
        return this.#answered(sandbox, frame);
      case ToServer.grown:
        return this.#grown(sandbox);
      case ToServer.poisoned:
        this.#progressed();
        return this.#poisoned(sandbox, JSON.parse(frameText(frame)) as Poisoned);
      default:
        throw new RangeError(`there is no frame of kind ${frame.kind}`);
    }
  }

  writable(): void {
    this.#batchDelay.wait();
  }

  ended(ending: Ending, reason: string): void {
    this.#answerDelay.release();
    this.#watchdog.stop();
    const { oldest } = this.#queue;
    if (oldest?.batch) hostEnded(oldest.batch.posted, ending, reason);
    if (oldest && ending === "crash") this.#company.crashed(oldest.application);
    const sandboxes = this.sandboxes.all();
    for (const sandbox of sandboxes) this.#forget(sandbox);
    this.sandboxes.forgetVersions();
    this.#loads.ended(ending, reason, this.#process.failures);
    for (const sandbox of sandboxes) sandbox.lose(reason);
  }

  #expired(used: number): void {
    this.#queue.charge(used);
    const { loading, oldest } = this.#queue;
    const application = loading?.build.application ?? oldest?.application;
    if (application !== undefined) this.#company.heldUp(application, used);
    const why = `it used ${Math.round(used)} ms of CPU time without an answer (limits.cpuHard)`;
    this.#process.kill("watchdog", why);
  }

  #handBatches(): void {
    const { link } = this.#process;
    if (link && this.#handOver.to(link)) this.#watchdog.watch();
  }

  /** Has a sandbox reject a batch that can't be sent. Not at once: the answer before it must have been applied. */
  #reject(sandbox: Sandbox, reason: string): void {
    queueMicrotask(() => {
      if (!sandbox.batch) return; // It was lost meanwhile.
      this.#answerDelay.release();
      this.#log("error", sandbox, `can't be given its next events: ${reason}`);
      sandbox.reject(reason);
      this.applied(sandbox);
    });
  }

  #loaded(frame: Frame): void {
    const refusal = this.#loads.loaded(frame);
    this.#batchDelay.wait();
    if (refusal !== undefined)
      for (const sandbox of this.sandboxes.created(frame.id)) this.#discard(sandbox, refusal);
  }

  #answered(sandbox: Sandbox | undefined, frame: Frame): void {
    if (!sandbox) return this.#answerDelay.release(); // It was dropped meanwhile.
    let answer: Answer<Posted>;
    try {
      answer = sandbox.receive(frame.payload, this.deps.clock.monotonic());
    } catch (error) {
      this.#answerDelay.release();
      if (error instanceof OutOfMemory) return this.#split(sandbox, error);
      if (!(error instanceof MalformedAnswer)) throw error;
      this.#process.link?.send(this.#frames.drop(sandbox));
      return this.#discard(sandbox, `its sandbox gave a malformed answer: ${error.message}`);
    }
    this.#queue.answered(sandbox, answer.cpu);
    this.#batchDelay.lastBatch(answer.results.length);
    // The host works on what waits while this process applies the effects.
    this.#company.review(sandbox);
    if (sandbox.waits) this.#queue.add(sandbox);
    this.#handBatches();
    this.#process.link?.flush();
    const next = this.#queue.oldest === sandbox ? sandbox.batch : undefined;
    const outcomes = new Outcomes(sandbox, answer.results, this);
    this.#answerDelay.apply(() => this.deps.outcomes.apply(outcomes), next);
    this.#company.heldUp(sandbox.application, answer.cpu);
    this.#company.look();
    if (answer.hasGrown) this.#grown(sandbox);
  }

  spent(sandbox: Sandbox, ms: number): void {
    this.#queue.spent(sandbox, ms);
  }

  applied(sandbox: Sandbox): void {
    if (sandbox.waits) this.wake(sandbox);
    else if (!sandbox.batch && sandbox.left !== undefined) this.#replace(sandbox, sandbox.left);
  }

  /** Has the scripts of a sandbox with nothing in hand go on in another, as if their host had been started anew. */
  #replace(sandbox: Sandbox, reason: string, byItself = false): void {
    if (this.sandboxes.get(sandbox.id) !== sandbox) return;
    this.drop(sandbox);
    sandbox.lose(reason, byItself);
  }

  /**
   * Has the scripts of a sandbox in which memory ran out among several go on in others, with less company; nothing of the batch in
   * hand has happened.
   */
  #split(sandbox: Sandbox, { cpu, message, byItself }: OutOfMemory): void {
    this.#queue.answered(sandbox, cpu);
    this.deps.outcomes.finish(sandbox);
    this.#log("info", sandbox, `is replaced: ${message} among its scripts.`);
    this.#batchDelay.wait();
    this.#replace(sandbox, message, byItself);
  }

  /** Has the scripts of a sandbox that holds much memory for nothing go on elsewhere, once they know what has become of their events. */
  #grown(sandbox: Sandbox | undefined): void {
    this.#answerDelay.release();
    if (sandbox) this.deps.outcomes.finish(sandbox);
    if (!sandbox || this.sandboxes.get(sandbox.id) !== sandbox) return;
    this.#company.review(sandbox, true);
    this.applied(sandbox);
  }

  #poisoned(sandbox: Sandbox | undefined, poisoned: Poisoned): void {
    if (!sandbox) return;
    this.#queue.answered(sandbox, (poisoned.cpu ?? 0) / 1000);
    sandbox.accuse(poisoned);
    // Where memory is short among several scripts, most of them have nothing to do with it.
    this.#discard(sandbox, poisoned.reason, !poisoned.full || sandbox.isIsolated);
  }

  /** Loses a sandbox that the process has given up already, which counts for its scripts if it was lost `byItself`. */
  #discard(sandbox: Sandbox, reason: string, byItself = true): void {
    this.deps.outcomes.finish(sandbox);
    this.#log("error", sandbox, `is lost: ${reason}.`);
    this.#forget(sandbox);
    this.#batchDelay.wait();
    sandbox.lose(reason, byItself);
  }

  #log(level: "info" | "error", { id, version }: Sandbox, text: string): void {
    const { application, version: name } = version.build;
    this.deps.log(level, `Sandbox ${id} ${text}`, { application, version: name, host: this.id });
  }

  #forget(sandbox: Sandbox): void {
    this.sandboxes.remove(sandbox);
    this.#queue.forget(sandbox);
  }

  /** The process works: it has answered something. */
  #progressed(): void {
    this.#process.succeeded();
    this.#watchdog.progress();
  }
}
