import type { Socket as TcpSocket } from "node:net";
import type { WebSocket } from "ws";
import type { Socket } from "../../core/ports/socket.ts";
import { ABNORMAL, closeReason, sendableCode, TOO_BIG } from "../closing.ts";
import type { Beating } from "../heartbeat.ts";
import type { SocketEvents } from "../socket_events.ts";

const TEXT = { binary: false };

/** One WebSocket of Deno: the package `ws` on a TCP connection of `node:http`. */
export class DenoSocket implements Socket, Beating {
  readonly #ws: WebSocket;
  readonly #tcp: TcpSocket;
  readonly #events: SocketEvents;
  #isOpen = true;
  #isCorked = false;

  /** `gone` is called once, when the connection has ended. */
  constructor(ws: WebSocket, tcp: TcpSocket, events: SocketEvents, gone: () => void) {
    this.#ws = ws;
    this.#tcp = tcp;
    this.#events = events;
    ws.on("message", (data, isBinary) => {
      events.message(this, isBinary ? new Uint8Array(data) : data.toString());
    });
    ws.on("ping", () => events.ping(this));
    ws.on("pong", () => events.pong());
    ws.on("error", ({ code }) => this.#ended(code?.endsWith("_LENGTH") ? TOO_BIG : ABNORMAL, ""));
    ws.on("close", (code, reason) => {
      this.#ended(code, reason.toString());
      gone();
    });
  }

  /** Called once, when the socket can be used. */
  opened(): void {
    this.#events.open(this);
  }

  get buffered(): number {
    return this.#isOpen ? this.#ws.bufferedAmount : 0;
  }

  /** Takes a text frame as text, or as the UTF-8 of it. */
  send(frame: string | Uint8Array): void {
    if (!this.#isOpen) return;
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#tcp.cork();
      uncorkSoon(this);
    }
    this.#ws.send(frame, TEXT);
  }

  heard(): boolean {
    return this.#events.heard();
  }

  ping(): void {
    this.#ws.ping();
  }

  /** Hands what was sent in this turn of the loop to the system, many frames as one write. */
  uncork(): void {
    this.#isCorked = false;
    this.#tcp.uncork();
  }

  close(code: number, reason: string): void {
    sendableCode(code);
    if (!this.#isOpen) return;
    const text = closeReason(reason);
    this.#ended(code, text);
    this.#ws.close(code, text);
  }

  terminate(): void {
    this.#ended(ABNORMAL, "");
    this.#ws.terminate();
  }

  #ended(code: number, reason: string): void {
    this.#isOpen = false;
    this.#events.close(this, code, reason);
  }
}

let corked: DenoSocket[] = [];

/** Uncorks a socket at the end of this loop turn, after those that were corked before it. */
function uncorkSoon(socket: DenoSocket): void {
  if (corked.push(socket) === 1) setImmediate(uncorkAll);
}

function uncorkAll(): void {
  const sockets = corked;
  corked = [];
  for (const socket of sockets) socket.uncork();
}
