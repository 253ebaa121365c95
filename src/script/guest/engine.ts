/**
 * One instance of the QuickJS engine: a WebAssembly memory with a cap, one runtime, one context.
 *
 * This binds the engine's C functions directly and not through the classes of `quickjs-emscripten`: so batches cross as
 * the bytes of their frames without becoming strings of the host, and the shared `board` has an address that is known.
 */
import { Buffer } from "node:buffer";
import loadEmscripten from "@jitl/quickjs-ng-wasmfile-release-sync/emscripten-module";
import { QuickJSFFI } from "@jitl/quickjs-ng-wasmfile-release-sync/ffi";
import { engineModule } from "./wasm.ts";

/** Address of a JSValue in the engine's heap; it is owned by whoever holds it and freed by `Engine.free`. */
export type Value = ReturnType<QuickJSFFI["QTS_NewString"]>;

type Emscripten = Awaited<ReturnType<typeof loadEmscripten>>;
type Char = Parameters<QuickJSFFI["QTS_NewString"]>[1];
type Context = ReturnType<QuickJSFFI["QTS_NewContext"]>;
type Runtime = ReturnType<QuickJSFFI["QTS_NewRuntime"]>;

const PAGE = 65536;
/** What the module was linked with: 16 MiB. */
const INITIAL_PAGES = 256;
/** JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_STRICT. */
const EVAL_MODULE = 1 | 8;
/** QTS_NewContext's intrinsics: 0 is all of them. */
const ALL = 0;

/** A value that the guest threw; the host never looks into it. */
export class Thrown {
  constructor(readonly value: Value) {}
}

/** The engine itself failed: nothing of this instance can be used any more. */
export class EngineFailure extends Error {
  override readonly name = "EngineFailure";
}

/** What the engine asks its host for. */
export interface Callbacks {
  /** Whether to end the running call; asked about every 10,000 operations, never within a native function. */
  interrupt(): boolean;
  /** Full name of a module; throws an Error whose message the script may see. */
  resolve(base: string, specifier: string): string;
  source(name: string): string;
}

/** A QuickJS engine of its own; it is never disposed of, only dropped. */
export class Engine {
  readonly memory: WebAssembly.Memory;
  readonly #module: Emscripten;
  readonly #ffi: QuickJSFFI;
  readonly #runtime: Runtime;
  readonly #context: Context;
  readonly #functions: (() => Value | 0)[] = [];
  readonly #argv: Char;

  /** Takes a few milliseconds. `memory` is the cap in bytes of everything in the instance. */
  static async create(memory: number, callbacks: Callbacks): Promise<Engine> {
    const maximum = Math.max(INITIAL_PAGES, Math.floor(memory / PAGE));
    const wasmMemory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum });
    const options = {
      wasmMemory,
      // Standard output belongs to the frames.
      print: console.error,
      printErr: console.error,
      instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
        const instance = new WebAssembly.Instance(engineModule(), imports);
        done(instance);
        return instance.exports;
      },
    };
    return new Engine(await loadEmscripten(options), wasmMemory, callbacks);
  }

  private constructor(module: Emscripten, memory: WebAssembly.Memory, callbacks: Callbacks) {
    this.memory = memory;
    this.#module = module;
    this.#ffi = new QuickJSFFI(module);
    module.callbacks = {
      freeHostRef: () => {},
      shouldInterrupt: () => (callbacks.interrupt() ? 1 : 0),
      callFunction: (_a, _c, _t, _n, _v, id) => (this.#functions[id]?.() ?? 0) as Value,
      normalizeModule: (_a, _r, _c, base, name) => this.#orThrow(() => callbacks.resolve(base, name)),
      loadModuleSource: (_a, _r, _c, name) => this.#orThrow(() => callbacks.source(name)),
    };
    this.#runtime = this.#ffi.QTS_NewRuntime();
    this.#ffi.QTS_RuntimeEnableInterruptHandler(this.#runtime);
    this.#ffi.QTS_RuntimeEnableModuleLoader(this.#runtime, 1);
    this.#context = this.#ffi.QTS_NewContext(
      this.#runtime,
      ALL as Parameters<QuickJSFFI["QTS_NewContext"]>[1],
    );
    this.#argv = this.#allocate(4 * 8);
  }

  /** Bytes of stack that guest code may use from now on. */
  set stackSize(bytes: number) {
    this.#ffi.QTS_RuntimeSetMaxStackSize(this.#runtime, bytes);
  }

  /** Runs a module and returns its namespace, or a promise of it where it awaits something. Throws Thrown. */
  evaluate(source: string, name: string): Value {
    const bytes = Buffer.from(source);
    const text = this.#chars(bytes);
    const flags = EVAL_MODULE as Parameters<QuickJSFFI["QTS_Eval"]>[5];
    const detect = 0 as Parameters<QuickJSFFI["QTS_Eval"]>[4];
    const result = this.#ffi.QTS_Eval(this.#context, text, bytes.length, name, detect, flags);
    this.#module._free(text);
    return this.#checked(result);
  }

  /** Calls a guest function with at most 8 arguments. Throws Thrown. */
  call(target: Value, ...values: Value[]): Value {
    const slots = new Uint32Array(this.memory.buffer, this.#argv, values.length);
    for (let i = 0; i < values.length; i++) slots[i] = values[i] ?? 0;
    const self = this.#ffi.QTS_GetUndefined();
    type Slots = Parameters<QuickJSFFI["QTS_Call"]>[4];
    return this.#checked(
      this.#ffi.QTS_Call(this.#context, target, self, values.length, this.#argv as never as Slots),
    );
  }

  get(object: Value, key: string): Value {
    const name = this.text(Buffer.from(key));
    const value = this.#ffi.QTS_GetProp(this.#context, object, name);
    this.free(name);
    return this.#checked(value);
  }

  /** A guest string of UTF-8 without NUL bytes. */
  text(bytes: Uint8Array): Value {
    const chars = this.#chars(bytes);
    const value = this.#ffi.QTS_NewString(this.#context, chars);
    this.#module._free(chars);
    return this.#checked(value);
  }

  number(value: number): Value {
    return this.#ffi.QTS_NewFloat64(this.#context, value);
  }

  /** A copy of a guest string as UTF-8. */
  bytes(value: Value): Uint8Array {
    const chars = this.#ffi.QTS_GetString(this.#context, value);
    if (!chars) throw new EngineFailure("out of memory");
    const heap = new Uint8Array(this.memory.buffer);
    const copy = heap.slice(chars, heap.indexOf(0, chars));
    this.#ffi.QTS_FreeCString(this.#context, chars);
    return copy;
  }

  /** A guest ArrayBuffer of zeros, and its address in `memory`, which stays the same as long as the guest holds it. */
  sharedBuffer(size: number): { value: Value; address: number } {
    const address = this.#allocate(size);
    new Uint8Array(this.memory.buffer, address, size).fill(0);
    type Pointer = Parameters<QuickJSFFI["QTS_NewArrayBuffer"]>[1];
    return { value: this.#ffi.QTS_NewArrayBuffer(this.#context, address as never as Pointer, size), address };
  }

  /** A guest function without arguments; `run` returns a value of the guest or 0 for undefined, and may throw Thrown. */
  hostFunction(name: string, run: () => Value | 0): Value {
    const id = this.#functions.length as Parameters<QuickJSFFI["QTS_NewFunction"]>[4];
    this.#functions.push(() => {
      try {
        return run();
      } catch (error) {
        if (!(error instanceof Thrown)) throw error;
        return this.#ffi.QTS_Throw(this.#context, error.value);
      }
    });
    return this.#ffi.QTS_NewFunction(this.#context, name, 0, false, id);
  }

  get true(): Value {
    return this.#ffi.QTS_DupValuePointer(this.#context, this.#ffi.QTS_GetTrue());
  }

  get hasJobs(): boolean {
    return this.#ffi.QTS_IsJobPending(this.#runtime) !== 0;
  }

  /** Runs pending jobs until none is left. Throws Thrown where one throws; others may be left then. */
  runJobs(): void {
    const slot = this.#argv as never as Parameters<QuickJSFFI["QTS_ExecutePendingJob"]>[2];
    this.free(this.#checked(this.#ffi.QTS_ExecutePendingJob(this.#runtime, -1, slot)));
  }

  /** What a promise was fulfilled with, or undefined while it is pending; other values are themselves. Throws Thrown. */
  settled(value: Value): Value | undefined {
    const state = this.#ffi.QTS_PromiseState(this.#context, value);
    if ((state as number) < 0) return value;
    if (state === 0) return undefined;
    const result = this.#ffi.QTS_PromiseResult(this.#context, value);
    if (state === 2) throw new Thrown(result);
    return result;
  }

  free(value: Value): void {
    this.#ffi.QTS_FreeValuePointer(this.#context, value);
  }

  #checked(result: Value): Value {
    const error = this.#ffi.QTS_ResolveException(this.#context, result);
    if (!error) return result;
    this.free(result);
    throw new Thrown(error);
  }

  #allocate(size: number): Char {
    const address = this.#module._malloc(size);
    if (address === 0) throw new EngineFailure("out of memory");
    return address as Char;
  }

  #chars(bytes: Uint8Array): Char {
    const address = this.#allocate(bytes.length + 1);
    const target = new Uint8Array(this.memory.buffer, address, bytes.length + 1);
    target.set(bytes);
    target[bytes.length] = 0;
    return address;
  }

  /** For the callbacks of the module loader: text for the engine to free, or a pending exception. */
  #orThrow(make: () => string): Char {
    try {
      return this.#chars(Buffer.from(make()));
    } catch (error) {
      const value = this.#ffi.QTS_NewError(this.#context);
      const message = this.text(Buffer.from(error instanceof Error ? error.message : "no such module"));
      const key = this.text(Buffer.from("message"));
      this.#ffi.QTS_SetProp(this.#context, value, key, message);
      this.#ffi.QTS_Throw(this.#context, value);
      return 0 as Char;
    }
  }
}
