import { type Frame, FrameReader, payloadBytes } from "../process/frame.ts";
import type { Ending, HostLink, HostListener, StartHost } from "./server/process/host_link.ts";

/** A script host in this process, for tests: nothing stops a script that hangs, and nothing is lost except by `kill`. */
export class InProcessHost implements HostLink {
  static readonly start: StartHost = (_, listener) => new InProcessHost(listener);

  readonly pid = null;
  readonly isReady = false;
  readonly isWritable = true;
  readonly #reader = new FrameReader();
  readonly #outgoing: Frame[] = [];
  #receive: ((frame: Frame) => void | Promise<void>) | undefined;
  #isWorking = false;
  #hasEnded = false;

  private constructor(private readonly listener: HostListener) {
    // Imported only here, so that a server with host processes never has the engine in its memory.
    import("./host/script_host.ts").then(
      ({ ScriptHost }) => {
        const host = new ScriptHost((kind, id, payload) => {
          if (!this.#hasEnded) listener.frame({ kind, id, payload: payloadBytes(payload) });
        });
        this.#receive = (frame) => host.receive(frame);
        host.start(process.pid);
        this.#work();
      },
      (error) => this.#end("crash", `the script host can't be loaded: ${String(error)}`),
    );
  }

  send(frame: Uint8Array): void {
    this.#outgoing.push(...this.#reader.push(frame));
    this.#work();
  }

  flush(): void {}

  usage(): undefined {}

  adopt(): never {
    throw new Error("Cannot give the script host away: it runs in this process.");
  }

  kill(ending: Ending): void {
    queueMicrotask(() => this.#end(ending, "the script host was ended"));
  }

  end(): void {
    this.kill("killed");
  }

  /** One frame a turn of the loop, so that sockets and timers get theirs. */
  #work(): void {
    if (this.#isWorking || !this.#receive || this.#outgoing.length === 0) return;
    this.#isWorking = true;
    setImmediate(async () => {
      const frame = this.#outgoing.shift();
      try {
        if (frame && !this.#hasEnded) await this.#receive?.(frame);
      } catch (error) {
        this.#end("crash", `the script host failed: ${String(error)}`);
      }
      this.#isWorking = false;
      this.#work();
    });
  }

  #end(ending: Ending, reason: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.listener.ended(ending, reason);
  }
}
