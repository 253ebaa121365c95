import { BuildError } from "../../core/errors.ts";
import { lineAt } from "../../core/source_position.ts";
import { selfCommand } from "../../process/self_command.ts";
import type { ModuleReport } from "./module_report.ts";
import type { StripCache } from "./strip_cache.ts";
import { StripChild, type StripChildOwner } from "./strip_child.ts";
import { type StripJob, StripQueue, type StripTurn } from "./strip_queue.ts";
import type { SourceUse, StripAnswer } from "./strip_wire.ts";

/** How the stripper is set up; the defaults are for a server. */
export interface StripperOptions {
  /** Program and arguments that run `strip_process.ts`'s `main`. */
  readonly command?: readonly string[];
  /** Makes of the program's own command one that can't outlive this process. */
  readonly tether?: (command: readonly string[]) => readonly string[];
  /** Most CPU time of the process for all sources of one build, ms; past it the process is killed. */
  readonly deadline?: number;
  /** How long the process stays when there is nothing to do, ms. */
  readonly idle?: number;
  /** Asked before the process, and told what the process made. */
  readonly cache?: StripCache | undefined;
}

/** Most CPU time of the process for all sources of one build, ms, a start of the process included. */
const DEADLINE_MS = 5000;
/** Wall time that stands for 1 ms of CPU time where the latter is not told, and at most otherwise: a process may not run at all. */
const WALL_PER_CPU = 4;
/** Least time between two looks at a job, ms. */
const LEAST_WATCH_MS = 20;
/** How long the process stays when there is nothing to do, ms. */
const IDLE_MS = 10 * 60_000;

/**
 * On Deno the process has no rights at all. Its parser goes down a chain of operators by recursion, for which V8 by itself
 * has an eighth of the stack that systems give.
 */
const denoFlags = ["--deny-net", "--deny-run", "--v8-flags=--stack-size=3900"];

/**
 * Makes plain JavaScript of sources and reports on it, in a process of its own that starts at the first use, is replaced when
 * a source kills it, and ends when nobody has edited anything for a while. One source at a time, so that it is known which one
 * was to blame; those of one build have a deadline together, so that no application keeps the others waiting longer.
 */
export class Stripper implements StripChildOwner {
  readonly #command: readonly string[];
  readonly #deadline: number;
  readonly #idle: number;
  readonly #cache: StripCache | undefined;
  readonly #queue = new StripQueue();
  #current: StripJob | undefined;
  /** When the current job was given to the process, by `performance.now()`, and the CPU time that it had used then, ms. */
  #since = 0;
  #cpuBefore = 0;
  #child: StripChild | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #count = 0;
  #isClosed = false;

  constructor(options: StripperOptions = {}) {
    const tether = options.tether ?? ((command) => command);
    this.#command = options.command ?? tether(selfCommand("strip-types", denoFlags));
    this.#deadline = options.deadline ?? DEADLINE_MS;
    this.#idle = options.idle ?? IDLE_MS;
    this.#cache = options.cache;
  }

  /**
   * Resolves with the JavaScript of a source, lines and columns kept, and what is to say of it. `file` is its path, which ends
   * with `.ts`, `.js` or `.json`; for a page it is not marked, and its imports have offsets. Rejects with a BuildError where it is the
   * source's fault, and with another Error where the process can't be had.
   */
  async strip(
    turn: StripTurn,
    file: string,
    source: string,
    use: SourceUse = "script",
  ): Promise<ModuleReport> {
    const known = await this.#cache?.read(file, source, use);
    if (known) return known;
    if (this.#isClosed) throw stopping();
    if (turn.error) throw turn.error;
    const report = await new Promise<ModuleReport>((resolve, reject) => {
      this.#queue.push({ turn, file, source, use, resolve, reject });
      this.#next();
    });
    // Nobody waits for it: the version goes live meanwhile.
    void this.#cache?.write(file, source, report, use);
    return report;
  }

  /** Ends the process; what waits is rejected. */
  close(): void {
    this.#isClosed = true;
    for (const job of this.#queue.take(() => true)) job.reject(stopping());
    this.#release()?.reject(stopping());
    this.#kill();
  }

  /** Called by the process's own side. */
  answered(child: StripChild, answer: StripAnswer): void {
    if (this.#child !== child || answer.id !== this.#count) return;
    const job = this.#release();
    if (!job) return;
    const { file, source } = job;
    if ("report" in answer) job.resolve(answer.report);
    else if ("fault" in answer) {
      const { message, position } = answer.fault;
      job.reject(new BuildError(message, position, position && lineAt(source, position.line)));
    } else {
      this.#kill();
      job.reject(new BuildError(`Cannot parse ${file}: ${answer.crash}.`));
    }
    this.#next();
  }

  /** Called by the process's own side. */
  lost(child: StripChild, reason: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const job = this.#release();
    // Once may be bad luck, as a machine short of memory; what a source does to the process is told by `crash`.
    if (job?.isRetried)
      job.reject(new Error(`the process that strips types was lost with ${job.file}, ${reason}`));
    else if (job) this.#queue.putBack(Object.assign(job, { isRetried: true }));
    this.#next();
  }

  /** Gives the process the next source, if it has none in hand. */
  #next(): void {
    if (this.#current) return;
    clearTimeout(this.#timer);
    const job = this.#queue.next();
    if (!job) {
      this.#timer = setTimeout(() => this.#kill(), this.#idle);
      this.#timer.unref();
      this.#child?.rest();
      return;
    }
    const { turn, file, source, use } = job;
    this.#current = job;
    this.#since = performance.now();
    this.#child ??= new StripChild(this.#command, this);
    this.#cpuBefore = this.#child.cpu ?? 0;
    this.#child.post({ id: ++this.#count, file, source, use });
    this.#watch(job, this.#deadline - turn.spent);
  }

  /** Looks in `ms` at what the job has taken: a machine that is busy with other things makes no source slow. */
  #watch(job: StripJob, ms: number): void {
    this.#timer = setTimeout(
      () => {
        const left = this.#deadline - job.turn.spent - this.#used();
        if (left > 0) this.#watch(job, left);
        else this.#tooSlow(job);
      },
      Math.max(LEAST_WATCH_MS, ms),
    );
  }

  /** Returns the CPU time that the current job has taken, ms. */
  #used(): number {
    const least = (performance.now() - this.#since) / WALL_PER_CPU;
    const cpu = this.#child?.cpu;
    return cpu === undefined ? least : Math.max(least, cpu - this.#cpuBefore);
  }

  /** The build's time is up: none of its sources is taken any more. */
  #tooSlow(job: StripJob): void {
    const { turn, file } = job;
    const what = turn.spent === 0 ? "it takes" : "it and the files before it take";
    turn.error = new BuildError(
      `Cannot parse ${file}: ${what} longer than ${this.#deadline} ms of CPU time.`,
    );
    this.#queue.slowDown(turn.application);
    this.#release();
    this.#kill();
    for (const each of [job, ...this.#queue.take((other) => other.turn === turn)]) each.reject(turn.error);
    this.#next();
  }

  /** Takes the job out of the process's hand. */
  #release(): StripJob | undefined {
    const job = this.#current;
    this.#current = undefined;
    clearTimeout(this.#timer);
    if (job) job.turn.spent += this.#used();
    return job;
  }

  #kill(): void {
    this.#child?.kill();
    this.#child = undefined;
  }
}

function stopping(): Error {
  return new Error("the server is stopping");
}
