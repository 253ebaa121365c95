import { readFileSync } from "node:fs";

/** Readings of so long at the begin and at the end of the measurement are compared, as a share of it. */
const COMPARED_SHARE = 1 / 4;

/** The memory of one process over time. */
export class MemoryCourse implements Disposable {
  readonly #readings: number[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  /** `read` returns bytes, and is called each so many ms. */
  constructor(
    read: () => number | Promise<number>,
    private readonly lookMs: number,
  ) {
    this.#timer = setInterval(async () => this.#readings.push(await read()), lookMs);
  }

  /** Some readings from the first to the last, MB. */
  get course(): number[] {
    const points = 20;
    const last = this.#readings.length - 1;
    const at = (n: number) => this.#readings[Math.round((n * last) / points)] ?? 0;
    return Array.from({ length: points + 1 }, (_, n) => Math.round(at(n) / 1024 / 1024));
  }

  /**
   * Returns the median of the last quarter of the readings after a warm-up of so many ms, and by which share that is more than the
   * median of the first quarter; undefined where there is less of it than of the warm-up.
   */
  grownAfter(warmUp: number): { bytes: number; share: number } | undefined {
    const warm = this.#readings.slice(Math.ceil(warmUp / this.lookMs));
    if (warm.length * this.lookMs < warmUp) return undefined;
    const compared = Math.floor(warm.length * COMPARED_SHARE);
    const [first, last] = [median(warm.slice(0, compared)), median(warm.slice(-compared))];
    return { bytes: last, share: last / first - 1 };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
}

/** Returns the resident bytes of a process; 0 where it has gone. */
export function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
