import { SANDBOX_BYTES } from "../../wire/memory_bytes.ts";
import type { MemoryCount } from "./memory_count.ts";

/** Memory of an engine's stack, and what it takes before there is a script in it, bytes. */
const ENGINE_BYTES = 6 * 1024 * 1024;
/** Share of what is left beside the engine up to which a sandbox takes more scripts. */
const ROOMY_SHARE = 0.5;
/** Share from which on several scripts are better off in several sandboxes. */
const CROWDED_SHARE = 0.75;

/** Memory ran out in a sandbox with several scripts: which of them takes too much is known once one of them is by itself. */
export class OutOfMemory extends Error {
  override readonly name = "OutOfMemory";

  /** `cpu` is the CPU time that the batch has taken, ms; `byItself` says that the script has no company to get rid of. */
  constructor(
    readonly cpu: number,
    readonly byItself: boolean,
  ) {
    super("memory ran out");
  }
}

/**
 * The memory of one sandbox as far as the server knows it: what its host has measured, and what is promised to scripts that are
 * not open there yet (docs/decisions/0013-memory.md).
 */
export class SandboxMemory {
  /** Bytes that it holds. */
  held = 0;
  #used = 0;
  #taken = 0;
  #promised = 0;
  #counted = 0;
  #isClosed = false;
  readonly #promises = new Map<object, number>();

  /** `cap` is the most that it may hold, bytes; `count` counts what it takes of its host's memory. */
  constructor(
    private readonly cap: number,
    private readonly count: MemoryCount,
  ) {
    this.#tell();
  }

  /** Whether its scripts use so much of it that they should not be together. */
  get isCrowded(): boolean {
    return this.#used > this.#rest * CROWDED_SHARE;
  }

  /** Notes what a host has measured: bytes held, taken by the heap, and used by scripts, 0 if that is not known. */
  measured(held: number, taken: number, used: number): void {
    this.held = held;
    this.#used = Math.min(used, this.#rest);
    this.#taken = taken;
    this.#tell();
  }

  /** Promises `bytes` to the script that is to be opened in a slot. */
  promise(slot: object, bytes: number): void {
    this.#promised += bytes;
    this.#promises.set(slot, bytes);
    this.#tell();
  }

  /** Takes the promise to a slot back: its script is open, so that it is measured, or is gone. */
  settle(slot: object): void {
    const bytes = this.#promises.get(slot);
    if (bytes === undefined) return;
    this.#promised -= bytes;
    this.#promises.delete(slot);
    this.#tell();
  }

  /** Returns true if there is room for a script that takes about `bytes`. */
  hasRoom(bytes: number): boolean {
    return this.#used + this.#promised + bytes <= this.#rest * ROOMY_SHARE;
  }

  /** Returns about how many bytes each of its `scripts` uses. */
  each(scripts: number): number {
    return scripts > 0 ? this.#used / scripts : 0;
  }

  /** Bytes that its scripts use, and that are promised. */
  get load(): number {
    return this.#used + this.#promised;
  }

  /** Gives back what is counted: the sandbox is gone. */
  close(): void {
    this.#isClosed = true;
    this.#tell();
  }

  get #rest(): number {
    return this.cap - ENGINE_BYTES;
  }

  #tell(): void {
    const bytes = this.#isClosed ? 0 : SANDBOX_BYTES + this.#taken + this.#promised;
    if (bytes === this.#counted) return;
    this.count.add(bytes - this.#counted);
    this.#counted = bytes;
  }
}
