import { Buffer } from "node:buffer";
import type { QuickJSHandle } from "quickjs-emscripten";
import { embeddedBaseImages } from "../engine/base_images.ts";
import { EVENT_ROWS_BYTES, EventRows } from "./event_rows.ts";
import { type Callbacks, Engine, type Snapshot } from "../engine/engine.ts";
import { INTERNAL_PREFIX } from "./module_names.ts";

/** Measured (DESIGN §3): nested source stays catchable with this on both runtimes. */
const STACK_LOADING = 32 * 1024;

/** What the guest asks its host for. */
export interface GuestCallbacks extends Callbacks {
  /** Runs the pending jobs; may throw Thrown. */
  drain(): void;
}

/** What the guests of this process are copied from. */
export const bases = embeddedBaseImages();

/** The guest's end of the wall: an engine with the prelude in it. */
export class Guest {
  readonly board: EventRows;
  readonly #drain: QuickJSHandle;
  readonly #buffer: QuickJSHandle;
  /** The prelude's module, and those of its functions that each batch calls. */
  #handles: readonly QuickJSHandle[] = [];

  /** A guest in which no version has been loaded yet. Whether valibot is there already changes only what its import costs. */
  static async create(memory: number, callbacks: GuestCallbacks, withValibot: boolean): Promise<Guest> {
    const guest = await Guest.copy(undefined, memory, callbacks);
    const base = guest.#base(withValibot) ?? (withValibot ? guest.#base(false) : undefined);
    if (base) guest.#handles = guest.engine.restore(base);
    else guest.#loadPrelude();
    if (bases.has(withValibot)) return guest;
    if (withValibot) guest.engine.evaluate('import "valibot";', `${INTERNAL_PREFIX}valibot.js`);
    const snapshot = guest.snapshot();
    if (snapshot) bases.set(withValibot, snapshot);
    return guest;
  }

  /** A guest that is where the one of the snapshot was; without one nothing is loaded in it. */
  static async copy(
    snapshot: Snapshot | undefined,
    memory: number,
    callbacks: GuestCallbacks,
  ): Promise<Guest> {
    const guest = new Guest(await Engine.create(memory, callbacks), callbacks);
    if (snapshot) guest.#handles = guest.engine.restore(snapshot);
    return guest;
  }

  private constructor(
    readonly engine: Engine,
    callbacks: GuestCallbacks,
  ) {
    // Always the same, in the same order: a snapshot fits only what was made the same way.
    const { handle, address } = engine.sharedBuffer(EVENT_ROWS_BYTES);
    this.board = new EventRows(engine.memory, address);
    this.#buffer = handle;
    this.#drain = engine.hostFunction("drain", () => callbacks.drain());
    engine.stackSize = STACK_LOADING;
    engine.settle(bases.get(false));
  }

  /** What `copy` makes others from; undefined where the guest has grown too large for it. No call may be running. */
  snapshot(): Snapshot | undefined {
    return this.engine.snapshot(this.#handles);
  }

  /** Calls a function that `prelude/dispatcher.js` exports; the arguments are given away. Throws Thrown. */
  call(name: string, ...values: QuickJSHandle[]): QuickJSHandle {
    const [prelude] = this.#handles;
    if (!prelude) throw new Error(`Cannot call ${name}: the prelude is not loaded.`);
    const target = this.engine.get(prelude, name);
    const result = this.engine.call(target, ...values);
    target.dispose();
    for (const value of values) value.dispose();
    return result;
  }

  /** Calls a function that returns JSON. */
  ask(name: string, ...values: QuickJSHandle[]): ReturnType<typeof JSON.parse> {
    const answer = this.call(name, ...values);
    const text = Buffer.from(this.engine.bytes(answer)).toString();
    answer.dispose();
    return JSON.parse(text);
  }

  /** `prelude/dispatcher.js` `run`. */
  get run(): QuickJSHandle {
    return this.#handles[1] as QuickJSHandle;
  }

  /** `prelude/dispatcher.js` `resume`. */
  get resume(): QuickJSHandle {
    return this.#handles[2] as QuickJSHandle;
  }

  /** The base to start from; one that was embedded does not fit where something about the system moves things in memory. */
  #base(withValibot: boolean): Snapshot | undefined {
    const base = bases.get(withValibot);
    if (!base || this.engine.isLike(base)) return base;
    bases.delete(withValibot);
    return undefined;
  }

  #loadPrelude(): void {
    const prelude = this.engine.evaluate('export * from "./dispatcher.js";', `${INTERNAL_PREFIX}prelude.js`);
    this.#handles = [prelude, this.engine.get(prelude, "run"), this.engine.get(prelude, "resume")];
    this.call("prepare", this.#buffer, this.#drain).dispose();
  }
}
