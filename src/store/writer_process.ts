import { type ChildProcess, spawn } from "node:child_process";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";
import { childEnvironment } from "../process/child_environment.ts";
import { CommitMemory } from "./wire/commit_memory.ts";
import { encodeMessage, type Message, ToWriter } from "./wire/message.ts";
import { MessageReader } from "./wire/message_reader.ts";

/** Longest text of a writer's stderr that is logged at once, UTF-16 units. */
const MOST_STDERR_UNITS = 4096;

/** Who hears of a writer's process. */
export interface WriterOwner {
  /** Takes one message of the writer. */
  received(message: Message): void;
  /** Hears that the writer is gone, after its last message, and why, unless it has done all that it should; called once. */
  ended(reason: string | undefined): void;
}

/** The process of a store's writer, as the server sees it. */
export class WriterProcess {
  readonly #child: ChildProcess;
  readonly #owner: WriterOwner;
  readonly #reader = new MessageReader();
  readonly #commits = new CommitMemory();
  #isOver = false;

  /** Starts the process; `command` is program and arguments. What goes wrong is told by `ended`. */
  constructor(command: readonly string[], owner: WriterOwner, log: Log) {
    this.#owner = owner;
    const [program = "", ...parameters] = command;
    this.#child = spawn(program, parameters, {
      env: childEnvironment(process.env),
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    this.#child.on("error", (error) => this.#end(`it can't be started: ${error.message}`));
    // The pipes are read to their end before: what the writer has said still counts.
    this.#child.on("close", (code, signal) =>
      this.#end(code === 0 ? undefined : signal ? `${signal} ended it` : `it exited with ${code}`),
    );
    // A write to a process that has just ended; its end is heard as well.
    this.#child.stdin?.on("error", () => {});
    this.#child.stdout?.on("data", (chunk: Uint8Array) => this.#read(chunk));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log("warn", `Store writer: ${text.slice(0, MOST_STDERR_UNITS).trimEnd()}`);
    });
  }

  /** Process id; undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends a message; a commit when the one before is answered. */
  send(message: Message): void {
    const frames = message.kind === ToWriter.commit ? this.#commits.encode(message) : encodeMessage(message);
    for (const frame of frames) this.#child.stdin?.write(frame);
  }

  /** Lets the writer finish and end by itself. */
  end(): void {
    this.#child.stdin?.end();
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #read(chunk: Uint8Array): void {
    if (this.#isOver) return;
    try {
      for (const message of this.#reader.push(chunk)) this.#owner.received(message);
    } catch (error) {
      this.kill();
      this.#end(`it sent what can't be read: ${messageOf(error)}`);
    }
  }

  #end(reason: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.ended(reason);
  }
}
