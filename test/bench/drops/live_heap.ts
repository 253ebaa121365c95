/** What answers a request of the inspector; the rest of what it sends is of no interest here. */
interface Reply {
  readonly id?: number;
  readonly result?: { readonly usedSize?: number };
}

/**
 * What is alive in the heap of a process on V8, asked by its inspector: resident memory goes up to where V8 sees fit to collect, and
 * says nothing of what grows.
 */
export class LiveHeap {
  /** Where the runtime says that its inspector listens. */
  static readonly address = /Debugger listening on (ws:\S+)/;
  #ids = 0;
  readonly #waiting = new Map<number, (reply: Reply) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener("message", ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply;
      if (reply.id === undefined) return;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
  }

  /** Connects to an inspector; rejects where there is none. */
  static async of(address: string): Promise<LiveHeap> {
    const socket = new WebSocket(address);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("close", () => reject(new Error(`There is no inspector at ${address}.`)));
    });
    return new LiveHeap(socket);
  }

  /** Collects all garbage, then resolves with the bytes that are in use. */
  async bytes(): Promise<number> {
    await this.#ask("HeapProfiler.collectGarbage");
    const { result } = await this.#ask("Runtime.getHeapUsage");
    return result?.usedSize ?? Number.NaN;
  }

  close(): void {
    this.socket.close();
  }

  #ask(method: string): Promise<Reply> {
    const id = ++this.#ids;
    this.socket.send(JSON.stringify({ id, method }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}
