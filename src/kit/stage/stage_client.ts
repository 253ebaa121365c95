import type { Application } from "../../core/application/application.ts";
import type { Connections } from "../../core/connection/connections.ts";
import { HotroomError } from "../../core/errors.ts";
import type { Socket, SocketHandler } from "../../core/ports/socket.ts";
import { binaryFrame, textOfBytes, type WireFrame } from "../../protocol/bytes.ts";
import { hotroom } from "../../protocol/hotroom/codec.ts";

/** What a connection that is lost closes with. */
const LOST = 1006;

/** Where all of them come from. */
export const ADDRESS = "127.0.0.1";

/** Bytes on their way from and to a test, each as the character of its number: a test is told of frames as JSON. */
export class Bytes {
  constructor(readonly bytes: string) {}
}

/** A frame of the server, parsed. */
export interface ServerFrame {
  readonly [key: string]: unknown;
  readonly id?: number;
  readonly seq?: number;
  readonly ok?: boolean;
  readonly data?: unknown;
  /** In the place of data, where the frame is binary. */
  readonly bytes?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly data?: unknown };
}

/** What a client asks for: a frame without its id. */
export type ClientFrame = {
  readonly event: string;
  readonly room?: unknown;
  readonly type?: unknown;
  readonly data?: unknown;
  /** In the place of data, for a binary frame. */
  readonly bytes?: string | undefined;
};

/** One user of a stage: a client without a network. */
export class StageClient {
  #connection: { handler: SocketHandler; socket: Socket } | undefined;
  #lastId = 0;
  #session: unknown;
  #seen = 0;
  /** Answers that came, by id. */
  readonly #answers = new Map<number, ServerFrame>();
  /** Why the server has closed the connection. */
  #closed: string | undefined;

  constructor(
    private readonly connections: Connections,
    private readonly application: () => Application,
    private readonly isQuiet: () => Promise<void>,
    /** Hears each frame that is no answer, without its number; `size` is how long it was, bytes or UTF-16 units. */
    private readonly hear: (frame: ServerFrame, size: number) => void,
  ) {}

  /** Logs in; resolves with the user. Rejects with HotroomError. */
  async login(data: unknown): Promise<unknown> {
    this.#connect();
    const { user, session } = (await this.request({ event: "login", data })) as Record<string, unknown>;
    this.#session = session;
    return user;
  }

  /** Resolves with what a request is answered with, or Bytes. Rejects with HotroomError. */
  async request({ bytes, ...frame }: ClientFrame): Promise<unknown> {
    if (!this.#connection) throw lost(frame.event, this.#closed ?? "its connection was dropped");
    const id = ++this.#lastId;
    const { handler, socket } = this.#connection;
    const text = JSON.stringify({ ...frame, id });
    handler.message(socket, bytes === undefined ? text : binaryFrame(text, `\0${bytes}`));
    await this.isQuiet();
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    if (!answer) throw lost(frame.event, this.#closed ?? "the server has not answered");
    const { error } = answer;
    const { bytes: answered } = answer;
    if (!error) return answered === undefined ? answer.data : new Bytes(answered);
    throw new HotroomError(error.code, error.message, {
      ...(error.data !== undefined && { data: JSON.stringify(error.data) }),
    });
  }

  /** Loses its connection. */
  async drop(): Promise<void> {
    if (!this.#connection) throw lost("drop", this.#closed ?? "it was dropped before");
    const { handler, socket } = this.#connection;
    this.#connection = undefined;
    handler.close(socket, LOST, "");
    await this.isQuiet();
  }

  /** Comes back; resolves with the answer but for the secret. Rejects with HotroomError, as where it is too late. */
  async resume(): Promise<unknown> {
    if (this.#connection) await this.drop();
    this.#connect();
    const data = { session: this.#session, seen: this.#seen };
    const { session, ...answer } = (await this.request({ event: "reconnect", data })) as Record<
      string,
      unknown
    >;
    this.#session = session;
    return answer;
  }

  #connect(): void {
    const handler = this.connections.accept(hotroom, this.application(), { address: ADDRESS, headers: {} });
    const socket: Socket = {
      buffered: 0,
      send: (frame) => {
        if (this.#connection?.socket === socket) this.#take(parsed(frame), frame.length);
      },
      close: (code, reason) => this.#end(socket, code, reason),
      terminate: () => this.#end(socket, LOST, ""),
      divert: (next) => {
        const before = this.#connection?.handler ?? handler;
        if (this.#connection) this.#connection = { handler: next, socket };
        return before;
      },
    };
    this.#closed = undefined;
    this.#connection = { handler, socket };
    handler.open(socket);
  }

  #take({ seq, ...frame }: ServerFrame, size: number): void {
    if (typeof seq === "number") this.#seen = seq;
    if (frame.id !== undefined) this.#answers.set(frame.id, frame);
    else this.hear(frame, size);
  }

  /** The server closes the connection: it is told so when it has done what it is at. */
  #end(socket: Socket, code: number, reason: string): void {
    const connection = this.#connection;
    if (connection?.socket !== socket) return;
    this.#connection = undefined;
    this.#closed = `the server has closed its connection (${code}${reason ? `, ${reason}` : ""})`;
    queueMicrotask(() => connection.handler.close(socket, code, reason));
  }
}

/** Returns a frame that was sent, with the data of a binary one as bytes. */
function parsed(frame: WireFrame): ServerFrame {
  if (typeof frame === "string") return JSON.parse(frame);
  const end = frame.indexOf(0);
  const header = JSON.parse(new TextDecoder().decode(frame.subarray(0, end)));
  return { ...header, bytes: textOfBytes(frame.subarray(end + 1)).slice(1) };
}

function lost(doing: string, why: string): HotroomError {
  return new HotroomError("not_connected", `Cannot ${doing}: ${why}.`);
}
