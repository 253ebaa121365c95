import { FrameReader, type OnFrame } from "./frames.ts";

const decoder = new TextDecoder();

/** What a member does once it has entered: one function per frame, and one when the connection ends. */
export interface Listener {
  onFrame: OnFrame;
  onClose(code: number): void;
}

/**
 * One raw TCP connection that speaks WebSocket. Until `listen` is called, frames queue up and are taken one by one with
 * `next`, for logging in and joining.
 */
export class Member {
  /** Reads of all connections of this process. */
  static reads = 0;
  #socket!: Bun.Socket<undefined>;
  #reader = new FrameReader((opcode, bytes, start, end) => this.#frame(opcode, bytes, start, end));
  #upgrade: { head: string; done: () => void; fail: (error: Error) => void } | undefined;
  #queue: Uint8Array[] = [];
  #waiting: ((frame: Uint8Array) => void) | undefined;
  #listener: Listener | undefined;
  #unsent: Uint8Array[] = [];
  #closeCode = 1006;

  /** Connects and upgrades; rejects where the server does not answer 101. */
  static async connect(port: number, path: string): Promise<Member> {
    const member = new Member();
    await member.#open(port, path);
    return member;
  }

  async #open(port: number, path: string): Promise<void> {
    const upgraded = new Promise<void>((done, fail) => {
      this.#upgrade = { head: "", done, fail };
    });
    this.#socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: (_, chunk) => this.#data(chunk),
        drain: () => this.#drain(),
        close: () => this.#closed(),
        error: (_, error) => this.#upgrade?.fail(error),
      },
    });
    this.#socket.setNoDelay(true);
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Key: aG90cm9vbSdzIGJlbmNoIQ==",
      "Sec-WebSocket-Version: 13",
    ];
    this.#socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    await upgraded;
  }

  /** The next frame's payload as text. */
  async next(): Promise<string> {
    return decoder.decode(await this.nextBytes());
  }

  /** The next frame's payload. */
  nextBytes(): Promise<Uint8Array> {
    const frame = this.#queue.shift();
    if (frame) return Promise.resolve(frame);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Hands all frames from now on to `listener`, those that wait first. */
  listen(listener: Listener): void {
    this.#listener = listener;
    for (const frame of this.#queue) listener.onFrame(2, frame, 0, frame.length);
    this.#queue = [];
  }

  /** Writes one frame, made by `clientFrame`. */
  send(frame: Uint8Array): void {
    if (this.#unsent.length > 0) {
      this.#unsent.push(frame.slice());
      return;
    }
    const written = this.#socket.write(frame);
    if (written < frame.length) this.#unsent.push(frame.slice(Math.max(0, written)));
  }

  /** Drops the connection. */
  end(): void {
    this.#listener = undefined;
    this.#socket.terminate();
  }

  #data(chunk: Uint8Array): void {
    Member.reads++;
    if (!this.#upgrade) return this.#reader.push(chunk);
    this.#upgrade.head += Buffer.from(chunk).toString("latin1");
    const end = this.#upgrade.head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const { head, done, fail } = this.#upgrade;
    this.#upgrade = undefined;
    if (!head.startsWith("HTTP/1.1 101")) return fail(new Error(`Cannot upgrade: ${head.split("\r\n")[0]}`));
    done();
    const rest = Buffer.from(head.slice(end + 4), "latin1");
    if (rest.length > 0) this.#reader.push(rest);
  }

  #frame(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    if (opcode === 8 && end - start >= 2)
      this.#closeCode = ((bytes[start] as number) << 8) | (bytes[start + 1] as number);
    if (opcode > 2) return;
    if (this.#listener) return this.#listener.onFrame(opcode, bytes, start, end);
    const frame = bytes.slice(start, end);
    if (!this.#waiting) {
      this.#queue.push(frame);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting(frame);
  }

  #drain(): void {
    while (this.#unsent.length > 0) {
      const frame = this.#unsent[0] as Uint8Array;
      const written = Math.max(0, this.#socket.write(frame));
      if (written < frame.length) {
        this.#unsent[0] = frame.slice(written);
        return;
      }
      this.#unsent.shift();
    }
  }

  #closed(): void {
    this.#upgrade?.fail(new Error("Cannot upgrade: the server closed the connection."));
    this.#listener?.onClose(this.#closeCode);
  }
}
