import process from "node:process";
import { BlockingPipe } from "../../process/blocking_pipe.ts";
import { stopSignals } from "../../process/stop_signal.ts";
import { encodeMessage, type Message, ToServer } from "../wire/message.ts";
import { MessageReader } from "../wire/message_reader.ts";
import type { Sync } from "../database/database_files.ts";
import { storeErrorOf } from "./store_error_of.ts";
import { failedOf, Writer } from "./writer.ts";

/**
 * Runs the writer of a data folder: what the server asks for comes by standard input, and answers leave by standard output. It ends
 * with its input, which ends with the server, however that ends, when it has done all that it has read. It blocks in what it
 * does, because it does nothing else. Sets the exit status to 1 where it fails.
 */
export async function main(folder: string, server: number, sync?: Sync): Promise<void> {
  // Nothing but frames may reach standard output.
  for (const method of ["log", "info", "debug"] as const) console[method] = console.error;
  // Ctrl-C and what ends a whole process group reach the writer too; the server commits to the end, and then ends its input.
  for (const signal of stopSignals) process.on(signal, () => {});
  const pipe = new BlockingPipe();
  let isAlone = false;
  const send = (message: Message) => {
    try {
      if (!isAlone) for (const frame of encodeMessage(message)) pipe.write(frame);
    } catch (error) {
      if ((error as { code?: string }).code !== "EPIPE") throw error;
      isAlone = true; // The server has gone. What it has sent is still done.
    }
  };
  try {
    const writer = new Writer({ folder, server, send, ...(sync && { sync }) });
    const reader = new MessageReader();
    for (let bytes = pipe.read(); bytes; bytes = pipe.read())
      for (const message of reader.push(bytes)) writer.receive(message);
    writer.close();
  } catch (error) {
    // The database is not closed: what that would still do is not known to be right.
    send({ kind: ToServer.failed, id: 0, text: JSON.stringify(failedOf(storeErrorOf(error))) });
    process.exit(1);
  }
}
