import { readSync, writeSync } from "node:fs";

/** File descriptors. */
const STDIN = 0;
const STDOUT = 1;
/** Bytes read at once: what a pipe holds. */
const CHUNK_BYTES = 64 * 1024;

/**
 * The standard input and output of a process that does nothing but answer, and so blocks in read and write. Nothing else may
 * write to standard output.
 */
export class BlockingPipe {
  readonly #chunk = new Uint8Array(CHUNK_BYTES);

  /** Returns the next bytes, which are overwritten by the next call; undefined at the end of the input. */
  read(): Uint8Array | undefined {
    const size = blocking(() => readSync(STDIN, this.#chunk));
    return size === 0 ? undefined : this.#chunk.subarray(0, size);
  }

  /** Returns when all bytes are written; throws the system's error where nobody is there to read them. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; )
      at += blocking(() => writeSync(STDOUT, bytes, at, bytes.length - at));
  }
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
