import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { messageOf } from "../../core/errors.ts";
import { childEnvironment } from "../../process/child_environment.ts";
import { endFirst } from "../../process/oom_score.ts";
import { cpuTime } from "../../process/process_cpu.ts";
import { jsonLine, type StripAnswer, type StripRequest } from "./strip_wire.ts";

/**
 * Its environment: what a runtime needs, and JavaScriptCore without the later compilers of JavaScript, which a start pays for
 * before they are good for anything (docs/decisions/0006-start.md).
 */
const environment = () => ({ ...childEnvironment(process.env), BUN_JSC_useDFGJIT: "0" });

/** Who hears of a strip process. */
export interface StripChildOwner {
  answered(child: StripChild, answer: StripAnswer): void;
  /** It could not be started, or has ended without being told to. */
  lost(child: StripChild, reason: string): void;
}

/** A running strip process, as the server sees it. */
export class StripChild {
  readonly #process: ChildProcess;
  readonly #owner: StripChildOwner;
  #isOver = false;

  /** Starts the process; `command` is program and arguments. */
  constructor(command: readonly string[], owner: StripChildOwner) {
    this.#owner = owner;
    const [program = "", ...parameters] = command;
    const child = spawn(program, parameters, {
      env: environment(),
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#process = child;
    endFirst(child.pid);
    child.on("error", (error) => this.#lose(error.message));
    child.on("exit", (code, signal) => this.#lose(`it ended with ${signal ?? code}`));
    // A write to a process that has just ended; its `exit` says so as well.
    child.stdin?.on("error", () => {});
    if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => this.#read(line));
  }

  /** The CPU time that it has used, ms; undefined where the system does not tell. */
  get cpu(): number | undefined {
    return this.#process.pid === undefined ? undefined : cpuTime(this.#process.pid);
  }

  /** Gives it a source. Until `rest`, this process does not end without it. */
  post(request: StripRequest): void {
    this.#process.ref();
    this.#process.stdin?.write(jsonLine(request));
  }

  /** Lets this process end while the strip process has nothing to do. */
  rest(): void {
    this.#process.unref();
  }

  /** Ends it at once; its owner hears no more of it. */
  kill(): void {
    this.#isOver = true;
    this.#process.kill("SIGKILL");
  }

  #read(line: string): void {
    if (this.#isOver) return;
    let answer: StripAnswer;
    try {
      answer = JSON.parse(line) as StripAnswer;
    } catch (error) {
      return this.#lose(`its answer is not JSON: ${messageOf(error)}`);
    }
    this.#owner.answered(this, answer);
  }

  #lose(reason: string): void {
    if (this.#isOver) return;
    this.kill();
    this.#owner.lost(this, reason);
  }
}
