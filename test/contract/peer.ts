import { connect, type Socket as TcpSocket } from "node:net";

/** Bytes of the frame that begins there, as a server sends it; more than there are where its head is not whole. */
function sizeOfFrame(bytes: Buffer): number {
  const [, length = 0] = bytes;
  if (bytes.length < 10 && length > 125) return Number.POSITIVE_INFINITY;
  if (length < 126) return bytes.length < 2 ? Number.POSITIVE_INFINITY : 2 + length;
  return length === 126 ? 4 + bytes.readUInt16BE(2) : 10 + bytes.readUInt32BE(6);
}

/** A WebSocket client that is only TCP: it reads when told to, and says what a well-behaved client never would. */
export class Peer {
  readonly closed: Promise<void>;
  #received = Buffer.alloc(0);

  private constructor(private readonly tcp: TcpSocket) {
    tcp.on("error", () => {});
    this.closed = new Promise((resolve) => tcp.once("close", () => resolve()));
  }

  /** Connects, and sends what may be no whole request. */
  static async connect(port: number, text: string): Promise<Peer> {
    const tcp = connect({ port, host: "127.0.0.1" });
    const peer = new Peer(tcp);
    await new Promise((resolve) => tcp.write(text, resolve));
    tcp.resume();
    return peer;
  }

  /** Connects and asks for an upgrade; resolves with the status line once the answer's head has arrived, and reads no more. */
  static async upgrade(port: number, path: string, headers: Record<string, string | undefined> = {}) {
    const tcp = connect({ port, host: "127.0.0.1" });
    const peer = new Peer(tcp);
    const all: Record<string, string | undefined> = {
      Host: "127.0.0.1",
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Version": "13",
      ...headers,
    };
    const lines = Object.entries(all)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}: ${value}\r\n`);
    tcp.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
    const head = await peer.#head();
    return { peer, status: Number(head.split(" ")[1]), head };
  }

  /** Sends one masked frame; the mask is zero. */
  frame(opcode: number, payload: Uint8Array, final = true): void {
    const length =
      payload.length < 126
        ? [0x80 | payload.length]
        : [0x80 | 126, payload.length >> 8, payload.length & 255];
    this.tcp.write(Buffer.from([(final ? 0x80 : 0) | opcode, ...length, 0, 0, 0, 0, ...payload]));
  }

  text(text: string): void {
    this.frame(1, new TextEncoder().encode(text));
  }

  /** Reads until the server's close frame; resolves with its code, or with undefined where the connection ends without one. */
  closeCode(): Promise<number | undefined> {
    let bytes = Buffer.alloc(0);
    return new Promise((resolve) => {
      void this.closed.then(() => resolve(undefined));
      this.tcp.on("data", (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        for (let size = sizeOfFrame(bytes); size <= bytes.length; size = sizeOfFrame(bytes)) {
          if (bytes[0] === 0x88) resolve(bytes.readUInt16BE(2));
          bytes = bytes.subarray(size);
        }
      });
      this.tcp.resume();
    });
  }

  /** Reads until the connection ends, and closes it after `enough` bytes; resolves with their number. */
  async drain(enough = Number.POSITIVE_INFINITY): Promise<number> {
    let bytes = 0;
    this.tcp.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes < enough) return;
      this.frame(8, new Uint8Array([0x0f, 0xa0]));
      this.end();
    });
    this.tcp.resume();
    await this.closed;
    return bytes;
  }

  /** Reads, and answers each ping; resolves when `pings` have come. What it is sent must be short. */
  answerPings(pings: number): Promise<void> {
    let received = this.#received;
    return new Promise((resolve) => {
      this.tcp.on("data", (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        for (let size = frameSize(received); received.length >= size; size = frameSize(received)) {
          if (((received[0] as number) & 15) === 9) {
            this.frame(10, received.subarray(2, size));
            if (--pings === 0) resolve();
          }
          received = received.subarray(size);
        }
      });
      this.tcp.resume();
    });
  }

  /** Sends FIN. */
  end(): void {
    this.tcp.end();
  }

  /** Sends RST. */
  reset(): void {
    this.tcp.resetAndDestroy();
  }

  #head(): Promise<string> {
    return new Promise((resolve, reject) => {
      const read = (chunk: Buffer) => {
        this.#received = Buffer.concat([this.#received, chunk]);
        const end = this.#received.indexOf("\r\n\r\n");
        if (end < 0) return;
        this.tcp.off("data", read);
        this.tcp.pause();
        resolve(this.#received.subarray(0, end).toString());
        this.#received = this.#received.subarray(end + 4);
      };
      this.tcp.on("data", read);
      this.tcp.once("close", () => reject(new Error("The connection ended before the answer.")));
    });
  }
}

/** Bytes of the frame that `bytes` begin with, which has less than 126 of payload. */
function frameSize(bytes: Uint8Array): number {
  return 2 + ((bytes[1] ?? 0) & 127);
}
