import { Buffer } from "node:buffer";
import type { QuickJSHandle } from "quickjs-emscripten";
import { embeddedBaseImages } from "../engine/base_images.ts";
import { CHANCE_BYTES, Chance } from "../engine/chance.ts";
import { Engine, type EngineCallbacks, type EngineImage } from "../engine/engine.ts";
import { Recoder } from "../engine/recoder.ts";
import { EVENT_ROWS_BYTES, EventRows } from "./event_rows.ts";
import { INTERNAL_PREFIX } from "./module_names.ts";

/**
 * The engine's stack while modules are loaded, bytes: with it nested source text still fails with an error that the host
 * gets, on both runtimes (docs/decisions/0004-engine.md, "Stack").
 */
const LOADING_STACK_BYTES = 32 * 1024;

/** What a guest asks its host for. */
export interface GuestCallbacks extends EngineCallbacks {
  /** Runs the pending jobs; returns the engine's error where it has interrupted one. May throw Thrown. */
  drain(): QuickJSHandle | undefined;
  /** Looks whether the running event, which is over, took more CPU time than it may, and notes it in the rows. */
  checkTime(): void;
}

/** The images that the guests of this process are copied from. */
export const baseImages = embeddedBaseImages();

/** The guest's end of the wall: an engine with the prelude in it. */
export class Guest {
  /** The numbers that host and guest share. */
  readonly rows: EventRows;
  readonly #drain: QuickJSHandle;
  readonly #checkTime: QuickJSHandle;
  readonly #buffer: QuickJSHandle;
  readonly #heapPeak: QuickJSHandle;
  readonly #chance: QuickJSHandle;
  readonly #makeChance: QuickJSHandle;
  readonly #recode: QuickJSHandle;
  /** The prelude's module, and those of its functions that each batch calls. */
  #handles: readonly QuickJSHandle[] = [];

  /**
   * Makes a guest in which no version has been loaded yet. `memory` is its cap, bytes. Whether valibot is there already
   * changes only what the import of it costs.
   */
  static async create(memory: number, callbacks: GuestCallbacks, withValibot: boolean): Promise<Guest> {
    const guest = await Guest.copy(undefined, memory, callbacks);
    const base = guest.#base(withValibot) ?? (withValibot ? guest.#base(false) : undefined);
    if (base) guest.#handles = guest.engine.restore(base);
    else guest.#loadPrelude();
    if (baseImages.has(withValibot)) return guest;
    if (withValibot) guest.engine.evaluate('import "valibot";', `${INTERNAL_PREFIX}valibot.js`);
    const image = guest.image();
    if (image) baseImages.set(withValibot, image);
    return guest;
  }

  /** Makes a guest that goes on where the one of the image was; without an image nothing is loaded in it. */
  static async copy(
    image: EngineImage | undefined,
    memory: number,
    callbacks: GuestCallbacks,
  ): Promise<Guest> {
    const guest = new Guest(await Engine.create(memory, callbacks), callbacks);
    if (image) guest.#handles = guest.engine.restore(image);
    return guest;
  }

  private constructor(
    readonly engine: Engine,
    callbacks: GuestCallbacks,
  ) {
    // Always the same, in the same order: an image fits only what was made the same way.
    const { handle, address } = engine.sharedBuffer(EVENT_ROWS_BYTES);
    this.rows = new EventRows(engine.memory, address);
    this.#buffer = handle;
    this.#heapPeak = engine.heapPeakBuffer();
    this.#drain = engine.hostFunction("drain", () => callbacks.drain());
    this.#checkTime = engine.hostFunction("checkTime", () => {
      callbacks.checkTime();
      return undefined;
    });
    const shared = engine.sharedBuffer(CHANCE_BYTES);
    const chance = new Chance(engine.memory, shared.address);
    this.#chance = shared.handle;
    this.#makeChance = engine.hostFunction("makeChance", () => {
      chance.fill();
      return undefined;
    });
    const recoder = new Recoder(engine);
    this.#recode = engine.hostFunction("recode", (recoding, value, from, to) =>
      recoding && value && from
        ? recoder.run(engine.numberOf(recoding), value, engine.numberOf(from), to ? engine.numberOf(to) : 0)
        : undefined,
    );
    engine.stackSize = LOADING_STACK_BYTES;
    engine.settle(baseImages.get(false));
  }

  /**
   * Returns what `copy` makes others from; undefined where the guest has grown too large for it. No call may be running.
   */
  image(): EngineImage | undefined {
    return this.engine.image(this.#handles);
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

  /** Like `call`, for a function that returns JSON text; returns what it says. Throws Thrown. */
  ask(name: string, ...values: QuickJSHandle[]): ReturnType<typeof JSON.parse> {
    const answer = this.call(name, ...values);
    const text = Buffer.from(this.engine.bytes(answer)).toString();
    answer.dispose();
    return JSON.parse(text);
  }

  /** Hands over the bytes of the batch that runs next. */
  takeBytes(bytes: Uint8Array): void {
    this.call("takeBytes", this.engine.crossing.bufferOf(bytes)).dispose();
  }

  /** Returns the answer of the batch that has run with its bytes, behind a zero. */
  withBytes(answer: Uint8Array): Uint8Array {
    const buffer = this.call("giveBytes");
    const whole = this.engine.crossing.bytesOf(buffer, this.rows.bytesToCome, answer);
    buffer.dispose();
    return whole;
  }

  /** The function `run` of `prelude/dispatcher.js`. */
  get run(): QuickJSHandle {
    return this.#handles[1] as QuickJSHandle;
  }

  /** The function `resume` of `prelude/dispatcher.js`. */
  get resume(): QuickJSHandle {
    return this.#handles[2] as QuickJSHandle;
  }

  /**
   * Returns the image to start from; an embedded one doesn't fit where something about the system moves things in memory.
   */
  #base(withValibot: boolean): EngineImage | undefined {
    const base = baseImages.get(withValibot);
    if (!base || this.engine.isLike(base)) return base;
    baseImages.delete(withValibot);
    return undefined;
  }

  #loadPrelude(): void {
    const prelude = this.engine.evaluate('export * from "./dispatcher.js";', `${INTERNAL_PREFIX}prelude.js`);
    this.#handles = [prelude, this.engine.get(prelude, "run"), this.engine.get(prelude, "resume")];
    const shared = [this.#buffer, this.#heapPeak, this.#drain, this.#checkTime];
    this.call("prepare", ...shared, this.#chance, this.#makeChance, this.#recode).dispose();
  }
}
