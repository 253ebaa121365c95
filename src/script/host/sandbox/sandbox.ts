import type { QuickJSHandle } from "quickjs-emscripten";
import { messageOf } from "../../../core/errors.ts";
import { Flag } from "../../wire/batch/batch.ts";
import type { Loaded, LoadRequest } from "../../wire/frame_kinds.ts";
import { EngineFailure } from "../engine/crossing.ts";
import type { CpuMeter } from "../cpu_meter.ts";
import { type EngineImage, Thrown } from "../engine/engine.ts";
import { MemoryCopy } from "../engine/memory_copy.ts";
import { MemoryGrowth } from "../engine/memory_growth.ts";
import { HeapLimit } from "../heap_limit.ts";
import { MemoryAccount, MemoryBudget } from "../memory_budget.ts";
import type { MemoryUse } from "../memory_use.ts";
import { PoisonedSandbox } from "../poisoned_sandbox.ts";
import { OutOfMemory } from "./event_rows.ts";
import { Guest, type GuestCallbacks } from "./guest.ts";
import { Interrupts, type Progress } from "./interrupts.ts";
import { VersionLoader } from "./version_loader.ts";
import { Modules } from "./modules.ts";

/**
 * The engine's stack that running scripts may use, bytes: with it deep recursion fails with an error that scripts can
 * catch, in any process of both runtimes (docs/decisions/0004-engine.md, "Stack").
 */
const STACK_BYTES = 64 * 1024;
/** The budget of a sandbox that shares its process with none. */
const unlimited = new MemoryBudget(Number.POSITIVE_INFINITY);
/** Share of the cap from which on a failure that may have been for want of memory is taken for that. */
const NEARLY_FULL_SHARE = 0.8;

/** What the sandboxes of this process were before the guarded event that runs in one of them. */
const before = new MemoryCopy();

/** A sandbox in which a version was loaded and nothing has run, for others to start from. */
export interface SandboxImage {
  readonly guest: EngineImage;
  readonly loaded: Loaded;
}

/** One engine with one version of one application in it: its extension and any number of its rooms. */
export class Sandbox {
  /** What the version's extensions declare, or why they can't be used. */
  loaded: Loaded = { ok: false, message: "Not loaded." };
  /** CPU time that the sandbox has used and no answer has told of, ms. */
  unbilled = 0;
  /** Whether the last batch was a guarded event that failed, and was undone. */
  hasUndone = false;
  #guest!: Guest;
  #heapLimit: HeapLimit | undefined;
  #growth!: MemoryGrowth;
  readonly #account: MemoryAccount;
  readonly #version: LoadRequest;
  readonly #modules: Modules;
  readonly #interrupts: Interrupts;
  /** The event whose jobs the engine failed in; the guest may have gone on from there for a while. */
  #culprit: [number, number] | undefined;

  /**
   * Makes an engine and loads a version into it; `loaded` says how that went. `stack` is what running scripts may use,
   * bytes; `budget` what its memory counts to. Throws PoisonedSandbox where the engine fails.
   */
  static async create(version: LoadRequest, stack = STACK_BYTES, budget = unlimited): Promise<Sandbox> {
    const sandbox = new Sandbox(version, stack, budget);
    return sandbox.#setUp(async (callbacks) => {
      const withValibot = version.files.some(([, source]) => source.includes("valibot"));
      sandbox.#guest = await Guest.create(version.limits.memory, callbacks, withValibot);
      sandbox.loaded = sandbox.#load();
    });
  }

  /** Makes a copy of a sandbox of the same version. Throws PoisonedSandbox. */
  static async copy(
    version: LoadRequest,
    image: SandboxImage,
    stack = STACK_BYTES,
    budget = unlimited,
  ): Promise<Sandbox> {
    const sandbox = new Sandbox(version, stack, budget);
    return sandbox.#setUp(async (callbacks) => {
      sandbox.#guest = await Guest.copy(image.guest, version.limits.memory, callbacks);
      sandbox.loaded = image.loaded;
    });
  }

  private constructor(
    version: LoadRequest,
    private readonly stack: number,
    budget: MemoryBudget,
  ) {
    this.#version = version;
    this.#interrupts = new Interrupts(version.limits);
    this.#account = new MemoryAccount(budget);
    this.#modules = new Modules(version.files, version.imports);
  }

  /** Returns what `copy` starts from; undefined where the version takes too much memory for it. Nothing may have run yet. */
  image(): SandboxImage | undefined {
    const guest = this.#guest.image();
    return guest && { guest, loaded: this.loaded };
  }

  /**
   * Handles one batch and returns its answer without the costs. `progress` is called meanwhile, at most every 50 ms. `meter`
   * measures since the batch came; without it an event that nothing has interrupted may have taken any time. Throws
   * PoisonedSandbox, after which the sandbox must be dropped; nothing of the batch has had an effect then.
   */
  run(batch: Uint8Array, progress: Progress, meter?: CpuMeter): Uint8Array {
    this.#interrupts.watch(progress, meter);
    this.#account.settle();
    try {
      return this.#runGuarded(batch);
    } catch (error) {
      const { rows } = this.#guest;
      const culprit = this.#culprit ?? (rows.event > 0 ? rows.culprit : undefined);
      throw new PoisonedSandbox(`the engine failed: ${reasonOf(error)}`, culprit, this.#isFull);
    }
  }

  /** Returns what there is to tell of its memory after a batch. */
  memoryUse(): MemoryUse {
    const held = this.#held;
    const taken = this.#guest.engine.heapPeak;
    const { isShort } = this;
    this.#account.set(taken);
    // To measure takes memory, too.
    if (this.isSuspect) {
      const { outOfMemoryIn } = this.#guest.rows;
      return { held, taken, used: held, hasGrown: false, ranOutIn: outOfMemoryIn, isShort };
    }
    const hasGrown = this.#growth.hasGrown(performance.now());
    const { used } = this.#growth;
    this.#heapLimit?.settle();
    return { held, taken, used, hasGrown, ranOutIn: 0, isShort };
  }

  /** Whether the last batch brought scripts from elsewhere. */
  get hasBrought(): boolean {
    return this.#guest.rows.isBringing;
  }

  /** Whether little is left of the memory that it and others may take. */
  get isScarce(): boolean {
    return this.#account.isScarce;
  }

  /** Where memory is scarce, returns whether it holds much of that for nothing; undefined where that is not worth a look now. */
  look(nowMs: number): boolean | undefined {
    return this.isScarce ? this.#growth.look(nowMs) : undefined;
  }

  /** True if memory ran out in an event of the last batch: its answer stands, but the sandbox should not go on. */
  get isSuspect(): boolean {
    const { outOfMemory } = this.#guest.rows;
    return outOfMemory === OutOfMemory.surely || (outOfMemory === OutOfMemory.maybe && this.#isFull);
  }

  /** Whether memory ran out since other sandboxes took what they may take together. */
  get isShort(): boolean {
    return this.#account.isShort || this.#heapLimit?.isFarPassed === true;
  }

  /** Gives its memory back: it is dropped. */
  close(): void {
    this.#account.close();
  }

  /** Memory that it holds, bytes. */
  get #held(): number {
    return this.#guest.engine.memory.buffer.byteLength;
  }

  /** Whether it holds about as much memory as it may. */
  get #isFull(): boolean {
    return this.isShort || this.#held > this.#version.limits.memory * NEARLY_FULL_SHARE;
  }

  /** Makes the guest and gets everything ready to run. Throws PoisonedSandbox. */
  async #setUp(make: (callbacks: GuestCallbacks) => Promise<void>): Promise<Sandbox> {
    try {
      await make({
        // Until there is a guest, nothing runs but what is built in.
        interrupt: () => this.#guest !== undefined && this.#interrupts.isDue(this.#guest.rows),
        resolve: (base, specifier) => this.#modules.resolve(base, specifier),
        source: (name) => this.#modules.source(name),
        drain: () => {
          try {
            return this.#drain();
          } catch (error) {
            if (!(error instanceof Thrown)) this.#culprit ??= this.#guest.rows.culprit;
            throw error;
          }
        },
        checkTime: () => this.#interrupts.check(this.#guest.rows),
        grow: (bytes) =>
          this.#heapLimit?.grow(bytes) ??
          this.#account.reach((this.#guest?.engine.heapRoom ?? 0) + bytes, false),
      });
    } catch (error) {
      this.close();
      throw new PoisonedSandbox(`Cannot load: ${reasonOf(error)}`);
    }
    this.#modules.close();
    this.#interrupts.loaded();
    this.#guest.engine.stackSize = this.stack;
    this.#heapLimit = new HeapLimit(this.#guest.engine, this.#guest.rows, this.#account);
    const now = performance.now();
    this.#growth = new MemoryGrowth(this.#guest.engine, this.#version.limits.memory, now, this.#heapLimit);
    return this;
  }

  #load(): Loaded {
    this.#interrupts.restart();
    const loader = new VersionLoader(this.#guest, this.#modules, this.#version, () => {
      this.#interrupts.restart();
      return this.#interrupts.hasCome;
    });
    return loader.load();
  }

  /** Runs a batch; where it is a guarded event and fails, all that is left of it is the answer. */
  #runGuarded(batch: Uint8Array): Uint8Array {
    const { rows, engine } = this.#guest;
    this.hasUndone = false;
    const texts = rows.take(batch);
    this.#heapLimit?.set();
    const isGuarded = rows.isGuarded && before.take(engine.memory);
    if (!isGuarded) {
      before.rest();
      return this.#runToTheEnd(texts);
    }
    const answer = this.#runToTheEnd(texts);
    if (!rows.hasFailed) return answer;
    before.putBack(engine.memory);
    this.hasUndone = true;
    // Who has left has left, and who is away is away, whatever the handler said to it.
    if (rows.isDeparture) this.#runToTheEnd(rows.take(batch, Flag.unheard));
    return answer;
  }

  #runToTheEnd(texts: Uint8Array): Uint8Array {
    const { rows, engine, run, resume } = this.#guest;
    if (rows.bytes) this.#guest.takeBytes(rows.bytes);
    this.#interrupts.begin();
    let answer: Uint8Array | undefined;
    let interrupt: QuickJSHandle | undefined;
    let interruptedAt = -1;
    try {
      answer = engine.exchange(run, texts);
    } catch (error) {
      interrupt = this.#expectInterrupt(error);
    }
    while (interrupt !== undefined) {
      const { event } = rows;
      if (event === interruptedAt) throw new EngineFailure("an event was interrupted twice");
      interruptedAt = event;
      const cause = interrupt;
      interrupt = undefined;
      this.#interrupts.begin();
      try {
        const rest = engine.call(resume, cause);
        answer = engine.bytes(rest);
        rest.dispose();
      } catch (error) {
        interrupt = this.#expectInterrupt(error);
      }
      cause.dispose();
    }
    if (engine.hasJobs) this.#runLateJobs();
    if (!answer) throw new EngineFailure("there is no answer");
    return rows.bytesToCome > 0 ? this.#guest.withBytes(answer) : answer;
  }

  /** Returns the engine's error for an interrupt, which knows where it came; throws any other. */
  #expectInterrupt(error: unknown): QuickJSHandle {
    if (!(error instanceof Thrown) || !this.#interrupts.hasCome) throw error;
    return error.value;
  }

  /** Runs the jobs of code that did not look as if it had any; from now on they are run after each event. */
  #runLateJobs(): void {
    const { engine } = this.#guest;
    this.#interrupts.begin();
    while (engine.hasJobs) {
      try {
        engine.runJobs();
      } catch (error) {
        if (!(error instanceof Thrown) || this.#interrupts.hasCome)
          throw new EngineFailure("jobs that never end");
        error.value.dispose();
      }
    }
    this.#guest.call("expectJobs").dispose();
  }

  /** The guest's `drain`: runs the jobs of the event; returns the error of the first interrupt, which knows where it came. */
  #drain(): QuickJSHandle | undefined {
    const { engine } = this.#guest;
    let interrupt: QuickJSHandle | undefined;
    for (let isCut = false; ; isCut = true) {
      this.#interrupts.hasCome = false;
      try {
        engine.runJobs();
      } catch (error) {
        if (!(error instanceof Thrown) || !this.#interrupts.hasCome) throw error;
        if (interrupt) error.value.dispose();
        interrupt ??= error.value;
      }
      if (!this.#interrupts.hasCome || !engine.hasJobs) return interrupt;
      // What is left gets as much time again, so that jobs that end soon do so within their own event.
      if (isCut) throw new EngineFailure("jobs that never end");
      this.#interrupts.restart();
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Thrown) return "an error outside of any handler";
  return messageOf(error);
}
