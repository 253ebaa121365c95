import type { PerApplication } from "../../../core/application/per_application.ts";
import type { Limits } from "../../../core/application/settings.ts";
import type { MemoryShortage } from "../../../core/ports/memory_shortage.ts";
import type { MemoryLimit } from "../../wire/frame_kinds.ts";
import { SANDBOX_BYTES } from "../../wire/memory_bytes.ts";
import { MemoryCount } from "./memory_count.ts";

/** Share of a host's memory that one application may take: something is always left for the others. */
const APPLICATION_SHARE = 0.75;
/** Share from which on the application that takes most of it is to go to a host apart, so that the others don't run short. */
const CROWDED_SHARE = 0.75;
/** Share that an application must take for that: with less, its going would not help. */
const LARGE_SHARE = 0.25;
/** What the process is told of an application's limit is rounded up to so many bytes, so that it is not told all the time. */
const GRAIN_BYTES = 1024 * 1024;

/** What the sandboxes of one script host take, and may take (docs/decisions/0013-memory.md). */
export class HostMemory {
  readonly #total = new MemoryCount();
  readonly #ofApplication = new Map<string, MemoryCount>();
  /** What the process was told that an application may take in it, bytes. */
  readonly #told = new Map<string, number>();

  /** `everywhere` counts what applications take on all hosts; `most` is what all of them may take on this one, bytes. */
  constructor(
    private readonly everywhere: PerApplication<MemoryCount>,
    private readonly most = Number.POSITIVE_INFINITY,
  ) {}

  /** Returns the count of what an application's sandboxes take here. */
  of(application: string): MemoryCount {
    const found = this.#ofApplication.get(application);
    if (found) return found;
    const count = new MemoryCount([this.#total, this.everywhere.of(application)]);
    this.#ofApplication.set(application, count);
    return count;
  }

  /** Returns whose limit a new sandbox would pass, with a script that takes about `bytes`; undefined if it would none. */
  shortage(application: string, limits: Limits, bytes: number): MemoryShortage | undefined {
    const more = SANDBOX_BYTES + bytes;
    if (this.everywhere.of(application).bytes + more > limits.totalMemory) return "application";
    const isFull = this.#total.bytes + more > this.most;
    return isFull || this.of(application).bytes + more > this.most * APPLICATION_SHARE ? "host" : undefined;
  }

  /**
   * Returns what the process is to be told that an application may take in it; undefined if it knows. The next batch makes
   * it true again where the application takes more on another host meanwhile.
   */
  news(application: string, { totalMemory }: Limits): MemoryLimit | undefined {
    const elsewhere = this.everywhere.of(application).bytes - this.of(application).bytes;
    const left = Math.min(totalMemory - elsewhere, this.most * APPLICATION_SHARE);
    const most = Math.max(0, Math.ceil(left / GRAIN_BYTES) * GRAIN_BYTES);
    if (this.#told.get(application) === most) return undefined;
    this.#told.set(application, most);
    return { application, most, ...(Number.isFinite(this.most) ? { all: this.most } : {}) };
  }

  /** Forgets what the process was told: it is another one now. */
  forgetNews(): void {
    this.#told.clear();
  }

  /** Returns the application that is to leave this host, so that the others don't run short; undefined if there is none. */
  crowding(): string | undefined {
    if (this.#total.bytes <= this.most * CROWDED_SHARE) return undefined;
    let most = 0;
    let largest: string | undefined;
    for (const [application, { bytes }] of this.#ofApplication) {
      if (bytes <= most) continue;
      most = bytes;
      largest = application;
    }
    return largest !== undefined && this.isLarge(largest) ? largest : undefined;
  }

  /** Returns true if an application takes so much that the others are better off without it, and fits on one host. */
  isLarge(application: string): boolean {
    const { bytes } = this.everywhere.of(application);
    return bytes > this.most * LARGE_SHARE && bytes <= this.most;
  }
}
