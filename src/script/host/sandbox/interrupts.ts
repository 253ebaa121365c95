import { DIRECTORY_MS } from "../../wire/batch/batch.ts";
import type { LoadRequest } from "../../wire/frame_kinds.ts";
import type { CpuMeter } from "../cpu_meter.ts";
import { Deadline } from "../engine/deadline.ts";
import type { EventRows } from "./event_rows.ts";

/** Least time between two reports of progress, ms. */
const PROGRESS_EVERY_MS = 50;

/** Hears which event runs now, while a batch runs. */
export type Progress = (script: number, seq: number) => void;

/** Says when what runs in a sandbox has used up its time, and tells meanwhile which event that is. */
export class Interrupts {
  /** Whether what ran last was interrupted. */
  hasCome = false;
  readonly #deadline = new Deadline();
  #isLoading = true;
  #progress: Progress | undefined;
  #meter: CpuMeter | undefined;
  #reportedAtMs = 0;

  constructor(private readonly limits: LoadRequest["limits"]) {}

  /** Lets what runs next go on for as long as it may. */
  restart(): void {
    this.#deadline.restart();
  }

  /** Gives what runs next its own time; nothing has interrupted it. */
  begin(): void {
    this.#deadline.restart();
    this.hasCome = false;
  }

  /** Goes by the limits of events from now on: the version is loaded. */
  loaded(): void {
    this.#isLoading = false;
    this.#deadline.restart();
  }

  /** Tells `progress`, at most every 50 ms, while a batch runs. `meter` measures since it came; without it an event may have taken any time. */
  watch(progress: Progress, meter: CpuMeter | undefined): void {
    this.#progress = progress;
    this.#meter = meter;
    this.#reportedAtMs = performance.now();
  }

  /** The guest's `checkTime`: where the event took too long it counts as interrupted. */
  check(rows: EventRows): void {
    if ((this.#meter?.leastOf(rows.took) ?? 0) > this.limits.cpuPerEvent) rows.interrupted = rows.event;
  }

  /** Returns true where the running event has used up its time. */
  isDue(rows: EventRows): boolean {
    const now = performance.now();
    const { event } = rows;
    if (this.#progress && event > 0 && now - this.#reportedAtMs >= PROGRESS_EVERY_MS) {
      this.#reportedAtMs = now;
      this.#progress(...rows.culprit);
    }
    if (!this.#deadline.isOver(event, now, this.#budget(rows))) return false;
    this.hasCome = true;
    rows.interrupted = event;
    return true;
  }

  /** Returns the CPU time that what runs now may take, ms; the guest's dispatcher tells the same. */
  #budget(rows: EventRows): number {
    const { load, cpuPerEvent, migrate } = this.limits;
    if (this.#isLoading) return load;
    if (!rows.isInternal) return cpuPerEvent;
    return rows.kind === "directory" ? DIRECTORY_MS : migrate;
  }
}
