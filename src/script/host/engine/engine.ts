import {
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  StaticLifetime,
} from "quickjs-emscripten";
import { Crossing, EngineFailure } from "./crossing.ts";
import { filledBlocks, MemoryImage } from "./memory_image.ts";
import { INITIAL_BYTES, type Instance, makeInstance } from "./wasm.ts";

/**
 * Address of what the module's C library notes of its heap: the bytes that this took from the memory at most. Behind the last of
 * them nothing was ever written; the memory itself begins larger, and grows by more than is asked for.
 */
const HEAP_PEAK_ADDRESS = 98_408;
/** Address of the heap, behind what is static and the stack. */
const HEAP_ADDRESS = 5_342_832;
/** Where in each piece of the heap its head is, bytes: its size, and flags in the last bits, one of which says that it is in use. */
const PIECE_HEAD = 4;
const PIECE_FLAGS = 7;
const PIECE_IN_USE = 2;

/** A value that the guest threw; the host never looks into it. */
export class Thrown {
  constructor(readonly value: QuickJSHandle) {}
}

/** What an engine asks its host for. */
export interface EngineCallbacks {
  /** Returns true to end the running call; asked about every 10,000 operations, never within a native function. */
  interrupt(): boolean;
  /** Returns the full name of what the module `base` imports by `specifier`. */
  resolve(base: string, specifier: string): string;
  /** Returns a module's source by its full name, or why it can't be imported, as the script may read it. */
  source(name: string): { source: string } | { refusal: string };
  /** Returns true if the memory may grow by so many bytes, within its cap; asked before it does. */
  grow(bytes: number): boolean;
}

/** The state of an engine between two calls, and values in it; any engine that was made the same way can take it on. */
export interface EngineImage {
  readonly memory: MemoryImage;
  /** Addresses of the context and the values: equal memory has equal addresses. */
  readonly context: number;
  readonly values: readonly QuickJSHandle["value"][];
  /** Blocks that an engine has filled before anything runs in it; the same in each that is made the same way. */
  readonly fresh: ReadonlySet<number>;
}

/** The `fresh` of the engines of this process, once the first one is made. */
let freshBlocks: ReadonlySet<number> | undefined;

/**
 * One instance of the QuickJS engine, by quickjs-emscripten: a WebAssembly memory with a cap, one runtime, one context. It
 * is never disposed of, only dropped: freeing a runtime can abort after ordinary scripts.
 *
 * Nothing that goes wrong in the host reaches the guest: the library would hand a callback's exception to the script, so
 * each callback keeps it here, and whoever called into the engine gets it.
 */
export class Engine {
  readonly memory: WebAssembly.Memory;
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #address: number;
  /** What goes into it and comes out as bytes. */
  readonly crossing: Crossing;
  #failure: { error: unknown } | undefined;

  /** Makes an engine, which takes a few milliseconds. `memory` is the cap of everything in the instance, bytes. */
  static async create(memory: number, callbacks: EngineCallbacks): Promise<Engine> {
    const made = await makeInstance(memory, (bytes) => callbacks.grow(bytes));
    return new Engine(made, callbacks);
  }

  private constructor({ memory, runtime, context, parts }: Instance, callbacks: EngineCallbacks) {
    this.memory = memory;
    this.#runtime = runtime;
    this.#context = context;
    this.#address = parts.context;
    this.crossing = new Crossing(parts, memory, runtime);
    runtime.setInterruptHandler(
      () => this.#failure !== undefined || this.#guarded(true, () => callbacks.interrupt()),
    );
    runtime.setModuleLoader(
      (name) =>
        this.#guarded<string | typeof unavailable>(unavailable, () => {
          const found = callbacks.source(name);
          return "source" in found ? found.source : { error: new Error(found.refusal) };
        }),
      (base, specifier) =>
        this.#guarded<string | typeof unavailable>(unavailable, () => callbacks.resolve(base, specifier)),
    );
  }

  /** Sets the stack that guest code may use from now on, bytes. */
  set stackSize(bytes: number) {
    this.#runtime.setMaxStackSize(bytes);
  }

  /** Runs a module and returns its namespace, or a promise of it where it awaits something. Throws Thrown. */
  evaluate(source: string, name: string): QuickJSHandle {
    return this.#checked(this.#context.evalCode(source, name, { type: "module", strict: true }));
  }

  /** Calls a guest function and returns what it returns. Throws Thrown. */
  call(target: QuickJSHandle, ...values: QuickJSHandle[]): QuickJSHandle {
    return this.#checked(this.#context.callFunction(target, this.#context.undefined, values));
  }

  /** Returns a property of a guest object. */
  get(object: QuickJSHandle, key: string): QuickJSHandle {
    return this.#context.getProp(object, key);
  }

  /** Calls a guest function that makes a text of a text, both UTF-8. Throws Thrown. */
  exchange(target: QuickJSHandle, text: Uint8Array): Uint8Array {
    const result = this.crossing.exchange(target, text);
    this.#expectNoFailure();
    if ("thrown" in result) throw new Thrown(result.thrown);
    return result.answer;
  }

  /** Returns a guest string. */
  string(text: string): QuickJSHandle {
    return this.#context.newString(text);
  }

  /** Returns a guest number. */
  number(value: number): QuickJSHandle {
    return this.#context.newNumber(value);
  }

  /** Returns what a guest number is. */
  numberOf(value: QuickJSHandle): number {
    return this.#context.getNumber(value);
  }

  /** Returns a copy of a guest string as UTF-8. */
  bytes(value: QuickJSHandle): Uint8Array {
    return this.crossing.bytes(value);
  }

  /**
   * Returns a guest ArrayBuffer of `size` zeros, and its address in `memory`, which stays the same while the guest holds
   * it.
   */
  sharedBuffer(size: number): { handle: QuickJSHandle; address: number } {
    return this.crossing.sharedBuffer(size);
  }

  /** Returns a guest ArrayBuffer of the number of `heapPeak`, 32 bits, for the guest to read. */
  heapPeakBuffer(): QuickJSHandle {
    return this.crossing.buffer(HEAP_PEAK_ADDRESS, Uint32Array.BYTES_PER_ELEMENT);
  }

  /** Returns a guest function that calls `run`, which may throw Thrown, and gives away what it returns. */
  hostFunction(name: string, run: (...values: QuickJSHandle[]) => QuickJSHandle | undefined): QuickJSHandle {
    return this.#context.newFunction(name, (...values) => {
      try {
        return run(...values);
      } catch (error) {
        if (error instanceof Thrown) return { error: error.value };
        this.#failure ??= { error };
      }
      return undefined;
    });
  }

  /**
   * Called when a new engine has all that each engine gets from its maker, and nothing has run in it. `known` spares the
   * first one a look at all of its memory where it is made like the one of that image.
   */
  settle(known?: EngineImage): void {
    freshBlocks ??= known && this.isLike(known) ? known.fresh : filledBlocks(this.#buffer);
  }

  /**
   * Returns true if this engine was made like the one of an image, as far as can be told: its context has the same
   * address.
   */
  isLike({ context }: EngineImage): boolean {
    return context === this.#address;
  }

  /**
   * Returns the engine's state between two calls, with some values in it; undefined where its memory has grown since it
   * was made.
   */
  image(handles: readonly QuickJSHandle[]): EngineImage | undefined {
    if (this.#buffer.byteLength !== INITIAL_BYTES) return undefined;
    const fresh = freshBlocks ?? new Set<number>();
    const memory = MemoryImage.of(this.#buffer, fresh);
    const values = handles.map(({ value }) => value);
    return { memory, context: this.#address, values, fresh };
  }

  /** Takes on an image's state and returns its values. Throws EngineFailure where this engine is not like that one. */
  restore(image: EngineImage): QuickJSHandle[] {
    if (!this.isLike(image))
      throw new EngineFailure("its engine was made in another way than the one of the image");
    image.memory.copyTo(this.#buffer);
    return image.values.map((value) => new StaticLifetime(value, this.#runtime) as QuickJSHandle);
  }

  /**
   * Returns how much of what the heap has taken is in use, bytes, with cycles that wait for collection; walks its pieces. The library's
   * own measure misses texts made of others, and counts some many times.
   */
  inUse(): number {
    const numbers = new Uint32Array(this.#buffer);
    const end = HEAP_ADDRESS + this.heapPeak;
    let used = 0;
    for (let piece = HEAP_ADDRESS; piece < end; ) {
      const head = numbers[(piece + PIECE_HEAD) / Uint32Array.BYTES_PER_ELEMENT] ?? 0;
      const size = head & ~PIECE_FLAGS;
      if (size === 0) throw new EngineFailure("its heap can't be measured");
      if ((head & PIECE_IN_USE) !== 0) used += size;
      piece += size;
    }
    return used;
  }

  /** Memory that its heap has taken so far, bytes: what was free again meanwhile is in it. */
  get heapPeak(): number {
    const peak = new DataView(this.#buffer).getUint32(HEAP_PEAK_ADDRESS, true);
    return Math.min(peak, this.#buffer.byteLength);
  }

  /** The most that its heap can take before the memory has to grow, bytes. */
  get heapRoom(): number {
    return this.#buffer.byteLength - HEAP_ADDRESS;
  }

  get #buffer(): ArrayBuffer {
    return this.memory.buffer as ArrayBuffer;
  }

  /** True if jobs of promises are pending. */
  get hasJobs(): boolean {
    return this.#runtime.hasPendingJob();
  }

  /** Runs pending jobs until none is left. Throws Thrown where one throws; others may be left then. */
  runJobs(): void {
    // One that throws a number looks like a count of jobs to the library, hence the loop.
    while (this.#runtime.hasPendingJob()) {
      const { error } = this.#runtime.executePendingJobs();
      this.#expectNoFailure();
      if (error) throw new Thrown(error);
    }
  }

  /**
   * Returns what a promise was fulfilled with, undefined while it is pending; another value is returned as it is. Throws
   * Thrown.
   */
  settled(value: QuickJSHandle): QuickJSHandle | undefined {
    const state = this.#context.getPromiseState(value);
    if (state.type === "rejected") throw new Thrown(state.error);
    return state.type === "fulfilled" ? state.value : undefined;
  }

  #checked(result: ReturnType<QuickJSContext["callFunction"]>): QuickJSHandle {
    this.#expectNoFailure();
    if (result.error) throw new Thrown(result.error);
    return result.value;
  }

  /** Throws what went wrong in a callback during the call that has returned. */
  #expectNoFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Runs a callback; what it throws is kept, and the engine gets `instead` and is interrupted. */
  #guarded<T>(instead: T, callback: () => T): T {
    try {
      return callback();
    } catch (error) {
      this.#failure ??= { error };
      return instead;
    }
  }
}

const unavailable = { error: new Error("The module is not available.") };
