import { connect, type Socket } from "node:net";
import { clientFrame, FrameReader } from "../frames.ts";
import type { End } from "./talker.ts";

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
/** How long a dead link stays, whose server has not noticed, ms. */
const DEAD_MS = 60_000;

const decoder = new TextDecoder();

/** What is heard of a link. */
export interface LinkListener {
  text(text: string): void;
  /** It ended without having been cut; the code is 1006 where the server gave none. */
  closed(code: number): void;
}

/** One WebSocket by hand, which can be lost in the ways in which links are lost. */
export class Link {
  #head = "";
  #isUpgraded = false;
  #isOver = false;
  #code = 1006;
  readonly #reader: FrameReader;
  readonly #socket: Socket;

  private constructor(
    port: number,
    path: string,
    private readonly listener: LinkListener,
    private readonly opened: { resolve(): void; reject(error: Error): void },
  ) {
    this.#reader = new FrameReader((opcode, bytes, start, end) =>
      this.#frame(opcode, bytes.subarray(start, end)),
    );
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket = socket;
    socket.on("connect", () => socket.write(upgradeOf(path)));
    socket.on("data", (chunk) => this.#data(Buffer.from(chunk)));
    socket.on("error", () => {});
    socket.on("close", () => this.#closed());
  }

  /** Connects; rejects where the server does not upgrade. */
  static async open(port: number, path: string, listener: LinkListener): Promise<Link> {
    let link: Link | undefined;
    await new Promise<void>((resolve, reject) => {
      link = new Link(port, path, listener, { resolve, reject });
    });
    return link as Link;
  }

  send(text: string): void {
    if (!this.#isOver) this.#socket.write(clientFrame(text));
  }

  /** Loses the link: nothing is heard of it any more. */
  lose(end: End): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const socket = this.#socket;
    if (end === "rst") socket.resetAndDestroy();
    else if (end === "fin") socket.end();
    else {
      socket.pause();
      setTimeout(() => socket.destroy(), DEAD_MS).unref();
    }
  }

  /** Stops reading; the server does not know. */
  pause(): void {
    this.#socket.pause();
  }

  /** Closes it with a code, as a client does that leaves for good. */
  close(code: number): void {
    if (!this.#isOver) this.#socket.write(clientFrame(new Uint8Array([code >> 8, code & 255]), CLOSE));
    this.#isOver = true;
    this.#socket.end();
  }

  #data(chunk: Buffer): void {
    if (this.#isUpgraded) return this.#reader.push(chunk);
    this.#head += chunk.toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return;
    if (!this.#head.startsWith("HTTP/1.1 101")) {
      this.opened.reject(new Error(`Cannot upgrade: ${this.#head.split("\r\n")[0]}`));
      this.#socket.destroy();
      return;
    }
    this.#isUpgraded = true;
    this.opened.resolve();
    const rest = Buffer.from(this.#head.slice(end + 4), "latin1");
    if (rest.length > 0) this.#reader.push(rest);
  }

  #frame(opcode: number, payload: Uint8Array): void {
    if (this.#isOver) return;
    if (opcode === TEXT) this.listener.text(decoder.decode(payload));
    else if (opcode === PING) this.#socket.write(clientFrame(payload.slice(), PONG));
    else if (opcode === CLOSE && payload.length >= 2)
      this.#code = ((payload[0] as number) << 8) | (payload[1] as number);
  }

  #closed(): void {
    this.opened.reject(new Error("Cannot upgrade: the connection was closed."));
    if (this.#isOver) return;
    this.#isOver = true;
    this.listener.closed(this.#code);
  }
}

function upgradeOf(path: string): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: aG90cm9vbSdzIGJlbmNoIQ==",
    "Sec-WebSocket-Version: 13",
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
