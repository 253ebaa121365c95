import type { Command } from "./platform_server.ts";

/** The end of a connection as its client saw it. */
export interface Farewell {
  code: number;
  reason: string;
}

/** A real WebSocket client that keeps what it received. */
export class Client {
  readonly closed: Promise<Farewell>;
  readonly #frames: string[] = [];
  #waiting: (() => void)[] = [];
  #farewell: Farewell | undefined;

  private constructor(private readonly ws: WebSocket) {
    ws.onmessage = (event) => {
      this.#frames.push(String(event.data));
      this.#wake();
    };
    this.closed = new Promise((resolve) => {
      ws.onclose = ({ code, reason }) => {
        this.#farewell = { code, reason };
        resolve(this.#farewell);
        this.#wake();
      };
    });
  }

  /** Resolves when the socket is open; rejects where it was refused. */
  static async open(port: number, as: string, protocols: string[] = []): Promise<Client> {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/ws?as=${encodeURIComponent(as)}`, protocols);
    const client = new Client(ws);
    await new Promise((resolve, reject) => {
      ws.onopen = resolve;
      ws.onerror = () => reject(new Error("The upgrade was refused."));
    });
    return client;
  }

  /** Frames that were received and not taken. */
  get unread(): readonly string[] {
    return this.#frames;
  }

  get protocol(): string {
    return this.ws.protocol;
  }

  /** Asks the server to do something; `to` names another socket to do it to. */
  ask(command: Command & { to?: string }): void {
    this.ws.send(JSON.stringify(command));
  }

  send(frame: string | Uint8Array<ArrayBuffer>): void {
    this.ws.send(frame);
  }

  close(code?: number, reason?: string): void {
    this.ws.close(code, reason);
  }

  /** The next frame; rejects where the connection ends before it. */
  async next(): Promise<string> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      if (this.#farewell) throw new Error(`The connection ended with ${this.#farewell.code}.`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The next `count` frames. */
  async take(count: number): Promise<string[]> {
    const frames: string[] = [];
    while (frames.length < count) frames.push(await this.next());
    return frames;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
