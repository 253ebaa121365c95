import type { ProcessUsage } from "../../../process/process_cpu.ts";
import type { Frame } from "../../../process/frame.ts";

/** How a script host ended, as evidence against what ran in it. */
export type Ending =
  /** The watchdog killed it: what ran did not come to an end. */
  | "watchdog"
  /** It ended by a signal such as SIGSEGV, or exited: probably, but not surely, because of what ran. */
  | "crash"
  /** It got a SIGKILL or SIGTERM that the server did not send, or did not run: most likely because of somebody else. */
  | "killed";

/** The connection to one running script host: a child process, or one in this process for tests. */
export interface HostLink {
  readonly pid: number | null;
  /** Whether the script host has said that it is ready, which may have been to another listener. */
  readonly isReady: boolean;
  /** Whether it takes more batches now; otherwise the listener's `writable` is called when it does. */
  readonly isWritable: boolean;
  /** Queues one frame. The frames of one loop turn leave in one write, unless `flush` is called before its end. */
  send(frame: Uint8Array): void;
  /** Writes what is queued. */
  flush(): void;
  /** Returns what the script host has used so far; undefined if the system does not tell. */
  usage(): ProcessUsage | undefined;
  /** Gives the script host to another host of the server, whose listener hears of it from now on. */
  adopt(id: number, listener: HostListener): void;
  /** Ends the script host at once; the listener's `ended` is called with `ending`. */
  kill(ending: Ending): void;
  /** Lets the script host finish and end by itself; the listener's `ended` is called then. */
  end(): void;
}

/** Hears of one script host. */
export interface HostListener {
  /** Takes one frame of the script host. */
  frame(frame: Frame): void;
  /** Hears that the script host takes more batches. */
  writable(): void;
  /** Hears that the script host is gone; called once, after its last frame. */
  ended(ending: Ending, reason: string): void;
}

/** Starts a script host and connects it. Never throws: what goes wrong reaches the listener as `ended`. */
export type StartHost = (id: number, listener: HostListener) => HostLink;
