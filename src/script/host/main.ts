import { readSync, writeSync } from "node:fs";
import process from "node:process";
import { stopSignals } from "../../process/stop_signal.ts";
import { encodeFrame, FrameReader } from "../wire/frame.ts";
import { SCRIPT_STACK_VARIABLE } from "../wire/host_variables.ts";
import { ScriptHost, type Send } from "./script_host.ts";
import { warmUp } from "./warm_up.ts";

/** File descriptors. */
const STDIN = 0;
const STDOUT = 1;
/** Bytes read from the pipe at once: what a pipe holds. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Runs a script host process: frames come by standard input, answers leave by standard output, and it returns when the
 * input has ended. It blocks in read and write, because a host does nothing but answer.
 */
export async function main(): Promise<void> {
  // Nothing but frames may reach standard output.
  for (const method of ["log", "info", "debug"] as const) console[method] = console.error;
  // Ctrl-C and what ends a whole process group reach the host too; the server drains and then ends its input.
  for (const signal of stopSignals) process.on(signal, () => {});
  const send: Send = (kind, id, payload) => writeAll(encodeFrame(kind, id, payload));
  // Whoever started this process says so where its native stack allows scripts more than in any process.
  const host = new ScriptHost(send, Number(process.env[SCRIPT_STACK_VARIABLE]) || undefined);
  host.start(process.pid);
  // While the server decides what to load; a spare host has it done when it is needed.
  await warmUp();
  const reader = new FrameReader();
  // The frames are views of the chunk, and all of them have been handled before the next read.
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const size = blocking(() => readSync(STDIN, chunk));
    if (size === 0) return;
    for (const frame of reader.push(chunk.subarray(0, size))) {
      const work = host.receive(frame);
      if (work !== undefined) await work;
    }
  }
}

function writeAll(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += blocking(() => writeSync(STDOUT, bytes, at, bytes.length - at));
}

/** What nobody wakes: a way to sleep in a process that blocks. */
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * Returns what `operation` does, tried again where the pipe doesn't block or a signal came; 0 bytes at the end of the
 * pipe.
 */
function blocking(operation: () => number): number {
  for (;;) {
    try {
      return operation();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "EOF") return 0;
      if (code === "EAGAIN") Atomics.wait(pause, 0, 0, 1);
      else if (code !== "EINTR") throw error;
    }
  }
}
