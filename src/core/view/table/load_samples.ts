import type { Clock } from "../../ports/clock.ts";
import type { Room } from "../../room/room.ts";

/** How long the CPU time is summed that a load is made of, ms. */
const WINDOW_MS = 1_000;

interface Sample {
  at: number;
  cpu: number;
  load: number | null;
}

/** How much CPU time rooms use, as somebody sees it who looks at them again and again. */
export class LoadSamples {
  readonly #samples = new WeakMap<Room, Sample>();

  constructor(private readonly clock: Clock) {}

  /** Returns the load of a room since it was looked at before, ms a second; null where that was not, or was just now. */
  of(room: Room): number | null {
    const at = this.clock.monotonic();
    const { cpu } = room.extension.usage;
    const sample = this.#samples.get(room);
    if (!sample) {
      this.#samples.set(room, { at, cpu, load: null });
      return null;
    }
    const ms = at - sample.at;
    if (ms < WINDOW_MS) return sample.load;
    sample.load = Math.round(((cpu - sample.cpu) / ms) * 10_000) / 10;
    sample.at = at;
    sample.cpu = cpu;
    return sample.load;
  }
}
