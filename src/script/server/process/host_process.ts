import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import type { Log } from "../../../core/ports/log.ts";
import { ToServer } from "../../wire/frame_kinds.ts";
import { endFirst } from "../../../process/oom_score.ts";
import { type ProcessUsage, usageOf } from "../../../process/process_cpu.ts";
import { FrameReader } from "../../../process/frame.ts";
import type { SpawnCommand } from "./spawn_command.ts";
import type { Ending, HostLink, HostListener } from "./host_link.ts";

/** Bytes that may wait for the pipe; with more, batches have to wait too. */
const MOST_BUFFERED_BYTES = 1024 * 1024;
/** Longest line of a host's stderr that reaches the log, UTF-16 units. */
const MOST_LINE_UNITS = 4096;
/** How long the pipes may stay open after the process has exited, ms. */
const CLOSE_GRACE_MS = 1000;
/** Signals that somebody else sends to end a process. */
const FOREIGN_SIGNALS = new Set<string | null>(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"]);

/** A script host as a child process: frames over stdin and stdout, stderr into the log. */
export class HostProcess implements HostLink {
  readonly #child: ChildProcess | undefined;
  readonly #reader = new FrameReader();
  #outgoing: Uint8Array[] = [];
  #isFlushing = false;
  #isDraining = false;
  #hasEnded = false;
  #ending: Ending | undefined;
  #stderr = "";
  #isReady = false;

  constructor(
    { command, env }: SpawnCommand,
    private id: number,
    private listener: HostListener,
    private readonly log: Log,
  ) {
    const [program = "", ...args] = command;
    try {
      this.#child = spawn(program, args, {
        env: { ...env },
        stdio: ["pipe", "pipe", "pipe"],
        windowsHide: true,
      });
    } catch (error) {
      this.#failLater(error);
      return;
    }
    endFirst(this.#child.pid);
    this.#listen(this.#child);
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get isWritable(): boolean {
    return !this.#isDraining;
  }

  send(frame: Uint8Array): void {
    this.#outgoing.push(frame);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => this.flush());
  }

  usage(): ProcessUsage | undefined {
    return this.pid === null ? undefined : usageOf(this.pid);
  }

  adopt(id: number, listener: HostListener): void {
    this.id = id;
    this.listener = listener;
  }

  kill(ending: Ending): void {
    this.#ending ??= ending;
    this.#child?.kill("SIGKILL");
  }

  end(): void {
    this.#ending ??= "killed";
    this.flush();
    this.#child?.stdin?.end();
  }

  #listen(child: ChildProcess): void {
    child.on("error", (error) => this.#failLater(error));
    child.on("close", (code, signal) => this.#exited(code, signal));
    // Answers that are in the pipe still count, so an exit is the end only once the pipes are closed, or should be.
    child.on("exit", (code, signal) => setTimeout(() => this.#exited(code, signal), CLOSE_GRACE_MS).unref());
    // A pipe breaks when the host ends, and then comes `close`.
    child.stdin?.on("error", () => {});
    child.stdin?.on("drain", () => {
      this.#isDraining = false;
      this.listener.writable();
    });
    child.stdout?.on("data", (chunk: Uint8Array) => this.#read(chunk));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#logStderr(text));
  }

  flush(): void {
    this.#isFlushing = false;
    const frames = this.#outgoing;
    const stdin = this.#child?.stdin;
    if (frames.length === 0 || !stdin || this.#hasEnded) return;
    this.#outgoing = [];
    const [first] = frames;
    const fits = stdin.write(first && frames.length === 1 ? first : Buffer.concat(frames));
    // The stream asks for a pause after a few KB already, which would cost a round trip each time.
    if (!fits && stdin.writableLength > MOST_BUFFERED_BYTES) this.#isDraining = true;
  }

  #read(chunk: Uint8Array): void {
    if (this.#hasEnded) return;
    try {
      for (const frame of this.#reader.push(chunk)) {
        this.#isReady ||= frame.kind === ToServer.ready;
        this.listener.frame(frame);
      }
    } catch (error) {
      this.log("error", `Script host ${this.id} sent what is not a frame: ${String(error)}`, {
        host: this.id,
      });
      this.kill("crash");
    }
  }

  #logStderr(text: string): void {
    const lines = (this.#stderr + text).split("\n");
    this.#stderr = (lines.pop() ?? "").slice(0, MOST_LINE_UNITS);
    for (const line of lines) {
      if (line.trim() !== "")
        this.log("warn", `Script host ${this.id}: ${line.slice(0, MOST_LINE_UNITS)}`, { host: this.id });
    }
  }

  #exited(code: number | null, signal: string | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#logStderr("\n");
    const reason = signal
      ? `the script host was ended by ${signal}`
      : `the script host exited with code ${code}`;
    this.listener.ended(this.#ending ?? (FOREIGN_SIGNALS.has(signal) ? "killed" : "crash"), reason);
  }

  #failLater(error: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    queueMicrotask(() => this.listener.ended("crash", `the script host can't be started: ${String(error)}`));
  }
}
