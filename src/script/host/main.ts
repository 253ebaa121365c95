import process from "node:process";
import { BlockingPipe } from "../../process/blocking_pipe.ts";
import { stopSignals } from "../../process/stop_signal.ts";
import { encodeFrame, FrameReader } from "../../process/frame.ts";
import { SCRIPT_STACK_VARIABLE } from "../wire/host_variables.ts";
import { ScriptHost, type Send } from "./script_host.ts";
import { warmUp } from "./warm_up.ts";

/**
 * Runs a script host process: frames come by standard input, answers leave by standard output, and it returns when the
 * input has ended. It blocks in read and write, because a host does nothing but answer.
 */
export async function main(): Promise<void> {
  // Nothing but frames may reach standard output.
  for (const method of ["log", "info", "debug"] as const) console[method] = console.error;
  // Ctrl-C and what ends a whole process group reach the host too; the server drains and then ends its input.
  for (const signal of stopSignals) process.on(signal, () => {});
  const pipe = new BlockingPipe();
  const send: Send = (kind, id, payload) => pipe.write(encodeFrame(kind, id, payload));
  // Whoever started this process says so where its native stack allows scripts more than in any process.
  const host = new ScriptHost(send, Number(process.env[SCRIPT_STACK_VARIABLE]) || undefined);
  host.start(process.pid);
  // While the server decides what to load; a spare host has it done when it is needed.
  await warmUp();
  const reader = new FrameReader();
  // The frames are views of the bytes that were read, and all of them have been handled before the next read.
  for (let bytes = pipe.read(); bytes; bytes = pipe.read()) {
    for (const frame of reader.push(bytes)) {
      const work = host.receive(frame);
      if (work !== undefined) await work;
    }
  }
}
