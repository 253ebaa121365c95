import type { Frame } from "../../wire/frame.ts";

/** How a host process ended. */
export type Ending =
  /** The watchdog killed it: what ran did not come to an end. */
  | "watchdog"
  /** A signal such as SIGSEGV, an abort or an exit of its own: probably, but not surely, what ran. */
  | "crash"
  /** SIGKILL or SIGTERM that is not ours: most likely somebody else's doing. */
  | "killed";

/** The connection to one running script host: a child process, or one in this process for tests. */
export interface HostLink {
  readonly pid: number | null;
  /** Whether it has said that it is ready, which may have been to another listener. */
  readonly isReady: boolean;
  /** Whether the pipe takes more batches now; `writable` is called when it does again. */
  readonly isWritable: boolean;
  /** Queues one frame; those of one loop turn leave in one write, unless `flush` comes before its end. */
  send(frame: Uint8Array): void;
  /** Writes what is queued. */
  flush(): void;
  /** CPU time that the host has used so far, ms; undefined where it can't be told. */
  cpu(): number | undefined;
  /** Gives it to another host of the server, which hears of it from now on. */
  adopt(id: number, listener: HostListener): void;
  /** Ends it at once; `ended` follows. `ending` is what `ended` will say. */
  kill(ending: Ending): void;
  /** Lets it finish and end by itself; `ended` follows. */
  end(): void;
}

/** Who hears of a link. */
export interface HostListener {
  frame(frame: Frame): void;
  writable(): void;
  /** Called once, after the last frame. */
  ended(ending: Ending, reason: string): void;
}

/** Starts a script host and connects it. Never throws: what goes wrong comes as `ended`. */
export type StartHost = (id: number, listener: HostListener) => HostLink;
