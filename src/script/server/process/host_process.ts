import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import type { Log } from "../../../core/ports/log.ts";
import { ToServer } from "../../wire/frame_kinds.ts";
import { cpuTime } from "../../../process/process_cpu.ts";
import { FrameReader } from "../../wire/frame.ts";
import type { SpawnCommand } from "./spawn_command.ts";
import type { Ending, HostLink, HostListener } from "./host_link.ts";

/** Bytes that wait for the pipe before batches have to wait too. */
const BUFFERED = 1024 * 1024;
/** Longest line of a host's stderr that reaches the log, UTF-16 units. */
const LINE = 4096;
/** How long the pipes may stay open after the process has exited, ms. */
const CLOSE_GRACE = 1000;

/** A script host as a child process: frames over stdin and stdout, stderr into the log. */
export class HostProcess implements HostLink {
  readonly #child: ChildProcess | undefined;
  readonly #reader = new FrameReader();
  #outgoing: Uint8Array[] = [];
  #flushing = false;
  #draining = false;
  #ended = false;
  #verdict: Ending | undefined;
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
    this.#listen(this.#child);
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get isWritable(): boolean {
    return !this.#draining;
  }

  send(frame: Uint8Array): void {
    this.#outgoing.push(frame);
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => this.flush());
  }

  cpu(): number | undefined {
    return this.pid === null ? undefined : cpuTime(this.pid);
  }

  adopt(id: number, listener: HostListener): void {
    this.id = id;
    this.listener = listener;
  }

  kill(ending: Ending): void {
    this.#verdict ??= ending;
    this.#child?.kill("SIGKILL");
  }

  end(): void {
    this.#verdict ??= "killed";
    this.flush();
    this.#child?.stdin?.end();
  }

  #listen(child: ChildProcess): void {
    child.on("error", (error) => this.#failLater(error));
    child.on("close", (code, signal) => this.#exited(code, signal));
    // Answers that are in the pipe still count, so an exit is the end only once the pipes are closed, or should be.
    child.on("exit", (code, signal) => setTimeout(() => this.#exited(code, signal), CLOSE_GRACE).unref());
    // A pipe that breaks is a host that ends, which `close` tells.
    child.stdin?.on("error", () => {});
    child.stdin?.on("drain", () => {
      this.#draining = false;
      this.listener.writable();
    });
    child.stdout?.on("data", (chunk: Uint8Array) => this.#read(chunk));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#complain(text));
  }

  flush(): void {
    this.#flushing = false;
    const frames = this.#outgoing;
    const stdin = this.#child?.stdin;
    if (frames.length === 0 || !stdin || this.#ended) return;
    this.#outgoing = [];
    const [first] = frames;
    const fits = stdin.write(first && frames.length === 1 ? first : Buffer.concat(frames));
    // The stream asks for a pause from a few KB on, which would cost a round trip each time; ours is later.
    if (!fits && stdin.writableLength > BUFFERED) this.#draining = true;
  }

  #read(chunk: Uint8Array): void {
    if (this.#ended) return;
    try {
      for (const frame of this.#reader.push(chunk)) {
        this.#isReady ||= frame.kind === ToServer.ready;
        this.listener.frame(frame);
      }
    } catch (error) {
      this.log("error", `Script host ${this.id} speaks out of turn: ${String(error)}`, { host: this.id });
      this.kill("crash");
    }
  }

  #complain(text: string): void {
    const lines = (this.#stderr + text).split("\n");
    this.#stderr = (lines.pop() ?? "").slice(0, LINE);
    for (const line of lines) {
      if (line.trim() !== "")
        this.log("warn", `Script host ${this.id}: ${line.slice(0, LINE)}`, { host: this.id });
    }
  }

  #exited(code: number | null, signal: string | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#complain("\n");
    const foreign =
      signal === "SIGKILL" || signal === "SIGTERM" || signal === "SIGINT" || signal === "SIGHUP";
    const reason = signal
      ? `the script host was ended by ${signal}`
      : `the script host exited with code ${code}`;
    this.listener.ended(this.#verdict ?? (foreign ? "killed" : "crash"), reason);
  }

  #failLater(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    queueMicrotask(() => this.listener.ended("crash", `the script host can't be started: ${String(error)}`));
  }
}
