import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "../../process/child_environment.ts";
import { isExecutable } from "../../process/executable.ts";
import { BuildError } from "../../core/errors.ts";
import { stripError } from "./strip_error.ts";
import type { StripCache } from "./strip_cache.ts";
import { jsonLine, type StripAnswer, type StripRequest } from "./strip_process.ts";

/** How the stripper is set up; the defaults are for a server. */
export interface StripperOptions {
  /** Program and arguments that run `strip_main.ts`'s `main`. */
  readonly command?: readonly string[];
  /** Makes of the program's own command one that can't outlive this process. */
  readonly tether?: (command: readonly string[]) => readonly string[];
  /** Longest time for one file, ms; past it the process is killed. 512 KB of plain source take 130 ms. */
  readonly deadline?: number;
  /** How long the process stays when there is nothing to do, ms. */
  readonly idle?: number;
  /** Asked before the process, and told what the process made. */
  readonly cache?: StripCache | undefined;
}

interface Job {
  readonly request: StripRequest;
  readonly resolve: (answer: StripAnswer) => void;
  readonly reject: (error: Error) => void;
  /** Set where the process was lost once with this file in hand. */
  retried?: boolean;
}

/**
 * Removes types from sources, in a process of its own that starts at the first use, is replaced when a source kills it,
 * and ends when nobody has edited anything for a while. One file at a time, so that it is known which one was to blame.
 */
export class Stripper {
  private readonly command: readonly string[];
  private readonly deadline: number;
  private readonly idle: number;
  private readonly cache: StripCache | undefined;
  private readonly queue: Job[] = [];
  private current: Job | undefined;
  private child: ChildProcess | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private count = 0;
  private closed = false;

  constructor(options: StripperOptions = {}) {
    this.command = options.command ?? (options.tether ?? ((command) => command))(selfCommand());
    this.deadline = options.deadline ?? 5000;
    this.idle = options.idle ?? 10 * 60_000;
    this.cache = options.cache;
  }

  /**
   * The JavaScript of a TypeScript source, with lines and columns kept. Rejects with a BuildError where it is the
   * source's fault, and with another Error where the process can't be had.
   */
  async strip(file: string, source: string): Promise<string> {
    const known = await this.cache?.read(source);
    if (known !== undefined) return known;
    if (this.closed) throw stopping();
    const answer = await new Promise<StripAnswer>((resolve, reject) => {
      this.queue.push({ request: { id: ++this.count, file, source }, resolve, reject });
      this.next();
    });
    if ("code" in answer) {
      // Nobody waits for it: the version goes live meanwhile.
      void this.cache?.write(source, answer.code);
      return answer.code;
    }
    if ("fault" in answer) throw stripError(file, source, answer.fault);
    throw new BuildError(`Cannot parse ${file}: it is nested too deeply.`);
  }

  /** Ends the process; what waits is rejected. */
  close(): void {
    this.closed = true;
    for (const job of this.queue.splice(0)) job.reject(stopping());
    this.end(stopping());
  }

  private next(): void {
    if (this.current) return;
    clearTimeout(this.timer);
    const job = this.queue.shift();
    if (!job) {
      this.timer = setTimeout(() => this.end(), this.idle);
      this.timer.unref();
      this.child?.unref();
      return;
    }
    this.current = job;
    this.timer = setTimeout(() => {
      this.end(new BuildError(`Cannot parse ${job.request.file}: it takes longer than ${this.deadline} ms.`));
      this.next();
    }, this.deadline);
    const child = this.child ?? this.start();
    this.child = child;
    child.ref();
    child.stdin?.write(jsonLine(job.request));
  }

  private start(): ChildProcess {
    const [program = "", ...parameters] = this.command;
    const child = spawn(program, parameters, {
      env: childEnvironment(process.env),
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lost = (reason: string) => {
      if (this.child !== child) return;
      // Once may be bad luck, as a machine short of memory; what a source does to the process is told by `crash`.
      const { current } = this;
      if (current && !current.retried) {
        this.current = undefined;
        this.queue.unshift(Object.assign(current, { retried: true }));
      }
      this.end(new Error(`the process that strips types was lost, ${reason}`));
      this.next();
    };
    child.on("error", (error) => lost(error.message));
    child.on("exit", (code, signal) => lost(`it ended with ${signal ?? code}`));
    // A write to a process that has just ended; its `exit` says so as well.
    child.stdin?.on("error", () => {});
    if (child.stdout)
      createInterface({ input: child.stdout }).on("line", (line) => this.answered(child, line));
    return child;
  }

  private answered(child: ChildProcess, line: string): void {
    const job = this.current;
    const answer = JSON.parse(line) as StripAnswer;
    if (this.child !== child || !job || answer.id !== job.request.id) return;
    this.current = undefined;
    if ("crash" in answer) this.end();
    job.resolve(answer);
    this.next();
  }

  /** Ends the process, if any; the file in hand is rejected with `reason`. */
  private end(reason = new Error("the process has ended")): void {
    clearTimeout(this.timer);
    const { child, current } = this;
    this.child = undefined;
    this.current = undefined;
    child?.kill("SIGKILL");
    current?.reject(reason);
  }
}

function stopping(): Error {
  return new Error("the server is stopping");
}

/** Runs this same program again as strip process: `mod.ts` by its runtime, or the executable. */
function selfCommand(): string[] {
  const { execPath } = process;
  if (isExecutable()) return [execPath, "strip-types"];
  const program = fileURLToPath(new URL("../../../mod.ts", import.meta.url));
  // On Deno it has no rights at all (a child without any flag of that kind would get all), and nothing is downloaded for it.
  const deno = ["run", "--no-prompt", "--deny-net", "--deny-run", "--cached-only", "--quiet"];
  const flags = process.versions.bun ? ["--no-env-file", "run"] : deno;
  return [execPath, ...flags, program, "strip-types"];
}
