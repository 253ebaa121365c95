import { Buffer } from "node:buffer";
import type { SourcePosition } from "../../core/ports.ts";
import type { Loaded, LoadRequest } from "../batch.ts";
import { Deadline } from "./deadline.ts";
import { Engine, EngineFailure, Thrown, type Value } from "./engine.ts";
import { ENTRY, INTERNAL, REFUSED, resolveImport } from "./resolve.ts";
import { builtIn } from "./sources.ts";

/** Measured (DESIGN §3): nested source and deep recursion stay catchable with these on both runtimes. */
const STACK_LOADING = 32 * 1024;
const STACK_RUNNING = 64 * 1024;
/** Least time between two progress reports, ms. */
const PROGRESS = 50;
/** Numbers on the board that is shared with `prelude/dispatcher.js`, and their places. */
const BOARD = 6;
const EVENT = 0;
const SCRIPT = 1;
const SEQ = 2;
const OUT_OF_MEMORY = 3;
const INTERRUPTED = 4;
const BUDGET = 5;

/** Words that code with promises can't do without; jobs that come from elsewhere are noticed at the end of the batch. */
const jobs = /async|await|promise|microtask|\bthen\b|import\s*\(/i;

/** A sandbox that can't be used any more; `culprit` is `[script, seq]` of the event that ran. */
export class PoisonedSandbox extends Error {
  override readonly name = "PoisonedSandbox";
  constructor(
    reason: string,
    readonly culprit?: [number, number],
  ) {
    super(reason);
  }
}

/** What a sandbox tells while a batch runs: the event that runs now. */
export type Progress = (script: number, seq: number) => void;

/** One engine with one version of one application in it: its extension and any number of its rooms. */
export class Sandbox {
  /** What its extensions declare, or why they can't be used. */
  loaded: Loaded = { ok: false, message: "Not loaded." };
  #engine!: Engine;
  readonly #version: LoadRequest;
  readonly #files: ReadonlyMap<string, string>;
  readonly #deadline: Deadline;
  #board = { address: 0, view: new Float64Array(0) };
  #run!: Value;
  #resume!: Value;
  #isLoading = true;
  #wasInterrupted = false;
  #importFailure: { message: string; position: SourcePosition | undefined } | undefined;
  #progress: Progress | undefined;
  #reported = 0;

  /** Makes an engine and loads a version into it; see `loaded` for how that went. Throws PoisonedSandbox. */
  static async create(version: LoadRequest): Promise<Sandbox> {
    const sandbox = new Sandbox(version);
    try {
      sandbox.#engine = await Engine.create(version.limits.memory, {
        interrupt: () => sandbox.#interrupt(),
        resolve: (base, specifier) => sandbox.#resolve(base, specifier),
        source: (name) => sandbox.#source(name),
      });
      sandbox.loaded = sandbox.#load();
    } catch (error) {
      throw new PoisonedSandbox(`Cannot load: ${reasonOf(error)}.`);
    }
    return sandbox;
  }

  private constructor(version: LoadRequest) {
    this.#version = version;
    this.#files = new Map(version.files);
    this.#deadline = new Deadline(version.limits.load);
  }

  /**
   * Handles one batch and returns its answer, both as UTF-8. `progress` is called from within, at most every 50 ms.
   * Throws PoisonedSandbox, after which the sandbox must be dropped; nothing of the batch has had an effect then.
   */
  run(batch: Uint8Array, progress: Progress): Uint8Array {
    this.#progress = progress;
    this.#reported = performance.now();
    try {
      return this.#runToTheEnd(batch);
    } catch (error) {
      throw this.#poisoned(error);
    }
  }

  /** Memory ran out in an event of the batch before; the answer stands, but the sandbox should not go on. */
  get isSuspect(): boolean {
    const sign = this.#view[OUT_OF_MEMORY];
    return (
      sign === 1 || (sign === 2 && this.#engine.memory.buffer.byteLength > this.#version.limits.memory * 0.8)
    );
  }

  #runToTheEnd(batch: Uint8Array): Uint8Array {
    const engine = this.#engine;
    this.#deadline.restart();
    this.#wasInterrupted = false;
    this.#view[INTERRUPTED] = 0;
    const text = engine.text(batch);
    let answer: Value | undefined;
    let interrupt: Value | undefined;
    let interruptedAt = -1;
    try {
      answer = engine.call(this.#run, text);
    } catch (error) {
      interrupt = this.#expectInterrupt(error);
    }
    engine.free(text);
    while (answer === undefined) {
      const event = this.#view[EVENT] ?? 0;
      if (event === interruptedAt) throw new EngineFailure("an event was interrupted twice");
      interruptedAt = event;
      this.#deadline.restart();
      this.#wasInterrupted = false;
      const cause: Value[] = interrupt === undefined ? [] : [interrupt];
      try {
        answer = engine.call(this.#resume, ...cause);
      } catch (error) {
        interrupt = this.#expectInterrupt(error);
      }
      for (const error of cause) engine.free(error);
    }
    if (engine.hasJobs) this.#runLateJobs();
    const bytes = engine.bytes(answer);
    engine.free(answer);
    return bytes;
  }

  /** The engine's error, which knows where the interrupt came. */
  #expectInterrupt(error: unknown): Value {
    if (!(error instanceof Thrown) || !this.#wasInterrupted) throw error;
    return error.value;
  }

  /** Jobs of code that did not look as if it had any; from now on they are run after each event. */
  #runLateJobs(): void {
    this.#deadline.restart();
    while (this.#engine.hasJobs) {
      try {
        this.#engine.runJobs();
      } catch (error) {
        if (!(error instanceof Thrown) || this.#wasInterrupted)
          throw new EngineFailure("jobs that never end");
        this.#engine.free(error.value);
      }
    }
    this.#call("expectJobs");
  }

  /** The guest's `drain`: runs the jobs of the event. The guest sees on the board where they were interrupted. */
  #drain(): 0 {
    for (let isCut = false; ; isCut = true) {
      this.#wasInterrupted = false;
      try {
        this.#engine.runJobs();
      } catch (error) {
        if (!(error instanceof Thrown) || !this.#wasInterrupted) throw error;
        this.#engine.free(error.value);
      }
      if (!this.#wasInterrupted || !this.#engine.hasJobs) return 0;
      // What is left gets as much time again, so that jobs that end soon do so within their own event.
      if (isCut) throw new EngineFailure("jobs that never end");
      this.#deadline.restart();
    }
  }

  #interrupt(): boolean {
    const now = performance.now();
    const board = this.#view;
    const event = board[EVENT] ?? 0;
    if (this.#progress && event > 0 && now - this.#reported >= PROGRESS) {
      this.#reported = now;
      this.#progress(board[SCRIPT] ?? 0, board[SEQ] ?? 0);
    }
    if (!this.#deadline.isOver(event, now, this.#isLoading ? undefined : board[BUDGET])) return false;
    this.#wasInterrupted = true;
    board[INTERRUPTED] = event;
    return true;
  }

  /** The board as it is now; the memory's buffer is another one after it has grown. */
  get #view(): Float64Array {
    const { address, view } = this.#board;
    const { buffer } = this.#engine.memory;
    if (address !== 0 && view.buffer !== buffer) this.#board.view = new Float64Array(buffer, address, BOARD);
    return this.#board.view;
  }

  #poisoned(error: unknown): PoisonedSandbox {
    const [event = 0, script = 0, seq = 0] = this.#view;
    const culprit: [number, number] | undefined = event > 0 ? [script, seq] : undefined;
    return new PoisonedSandbox(`The sandbox failed: ${reasonOf(error)}.`, culprit);
  }

  #load(): Loaded {
    const engine = this.#engine;
    engine.stackSize = STACK_LOADING;
    const prelude = engine.evaluate(`export * from "./dispatcher.js";`, `${INTERNAL}prelude.js`);
    this.#exports = prelude;
    this.#run = engine.get(prelude, "run");
    this.#resume = engine.get(prelude, "resume");
    const board = engine.sharedBuffer(BOARD * 8);
    const drain = engine.hostFunction("drain", () => this.#drain());
    const { limits, files } = this.#version;
    const settings = {
      limits,
      files: files.map(([path]) => path),
      async: files.some(([, source]) => jobs.test(source)),
    };
    const now = engine.number(Date.now());
    this.#call("setup", engine.text(Buffer.from(JSON.stringify(settings))), board.value, drain, now);
    this.#board = { address: board.address, view: new Float64Array(0) };
    this.#deadline.restart();
    const loaded = this.#loadVersion();
    this.#isLoading = false;
    this.#deadline.restart(limits.cpuPerEvent);
    engine.stackSize = STACK_RUNNING;
    return loaded;
  }

  #exports!: Value;

  #call(name: string, ...values: Value[]): Value {
    const target = this.#engine.get(this.#exports, name);
    const result = this.#engine.call(target, ...values);
    this.#engine.free(target);
    for (const value of values) this.#engine.free(value);
    return result;
  }

  #loadVersion(): Loaded {
    const { extension, rooms } = this.#version;
    const parts: { kind: string; key: string; path: string }[] = [];
    if (extension !== undefined) parts.push({ kind: "application", key: "application", path: extension });
    for (const [type, path] of rooms) parts.push({ kind: "room", key: `room:${type}`, path });
    const missing = parts.find(({ path }) => !this.#files.has(path));
    if (missing) return { ok: false, message: `There is no file ${missing.path}.` };
    const source = parts
      .map(({ path }, i) => `export * as part${i} from ${JSON.stringify(path)};`)
      .join("\n");
    let path: string | undefined;
    try {
      const namespace = this.#evaluated(source);
      const definitions = parts.map((part, i) => {
        path = part.path;
        const module = this.#engine.get(namespace, `part${i}`);
        const names = [part.kind, part.key, part.path].map((text) => this.#engine.text(Buffer.from(text)));
        return JSON.parse(this.#textOf(this.#call("register", ...names, module)));
      });
      const application = extension === undefined ? undefined : definitions.shift();
      return {
        ok: true,
        ...(application ? { extension: application } : {}),
        rooms: rooms.map(([type], i) => [type, definitions[i]]),
      };
    } catch (error) {
      if (!(error instanceof Thrown)) throw error;
      return this.#loadFailure(error, path);
    }
  }

  /** Runs the top level of all modules, with what they await. Throws Thrown. */
  #evaluated(source: string): Value {
    const result = this.#engine.evaluate(source, ENTRY);
    if (this.#engine.hasJobs) this.#engine.runJobs();
    const namespace = this.#engine.settled(result);
    if (namespace === undefined) {
      this.#importFailure = { message: "The top level awaits what never comes.", position: undefined };
      throw new Thrown(this.#engine.text(Buffer.from("")));
    }
    return namespace;
  }

  #loadFailure(error: Thrown, path: string | undefined): Loaded {
    if (this.#wasInterrupted) {
      const message = `Loading took longer than ${this.#version.limits.load} ms of CPU time.`;
      this.#deadline.restart();
      const { position } = JSON.parse(this.#textOf(this.#call("explain", error.value)));
      return { ok: false, message, ...(position ? { position } : {}) };
    }
    if (this.#importFailure) {
      const { message, position } = this.#importFailure;
      return { ok: false, message, ...(position ? { position } : {}) };
    }
    const { message, position } = JSON.parse(this.#textOf(this.#call("explain", error.value)));
    const place = position ?? (path === undefined ? undefined : { file: path, line: 1, column: 1 });
    return { ok: false, message, ...(place ? { position: place } : {}) };
  }

  #textOf(value: Value): string {
    const text = Buffer.from(this.#engine.bytes(value)).toString("utf8");
    this.#engine.free(value);
    return text;
  }

  #resolve(base: string, specifier: string): string {
    try {
      if (this.#isLoading) return resolveImport(base, specifier, (path) => this.#files.has(path));
      throw new Error(
        `Cannot import ${JSON.stringify(specifier)} while running: use import at the top of the file.`,
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : "no such module";
      this.#importFailure = { message, position: this.#positionOf(base, specifier) };
      return REFUSED;
    }
  }

  /** The engine does not say where an import stands, so it is looked for. */
  #positionOf(file: string, specifier: string): SourcePosition | undefined {
    const source = this.#files.get(file) ?? "";
    const at = ['"', "'"]
      .map((quote) => source.indexOf(quote + specifier + quote))
      .find((index) => index >= 0);
    if (at === undefined) return undefined;
    const before = source.slice(0, at).split("\n");
    return { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
  }

  #source(name: string): string {
    if (name === REFUSED) throw new Error(this.#importFailure?.message);
    const source = builtIn.get(name) ?? this.#files.get(name);
    if (source === undefined)
      throw new Error(`Cannot import ${JSON.stringify(name)}: there is no such module.`);
    return source;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Thrown) return "an error outside of any handler";
  return error instanceof Error ? error.message : String(error);
}
