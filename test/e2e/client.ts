/**
 * A client that speaks frames and nothing else: what a test sends is what goes over the wire.
 * It shares no code with the SDK, so that both can't be wrong in the same way.
 */

/** How long a frame may take on a busy machine, ms. */
const PATIENCE = 40_000;

// biome-ignore lint/suspicious/noExplicitAny: a frame is whatever came; the tests say what it should be.
export type Frame = any;
/** What a test sends; tests of hostile frames send text. */
export interface ClientFrame {
  event: string;
  id?: string | number;
  room?: string;
  type?: string;
  data?: unknown;
}

type Predicate = (frame: Frame) => boolean;

/** A frame as an error shows it. */
function brief(frame: Frame): string {
  const text = JSON.stringify(frame);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** Keeps the number of a frame to be asked for, while tests of what a frame says compare it without. */
function numbered(frame: Frame): Frame {
  if ("seq" in frame) Object.defineProperty(frame, "seq", { enumerable: false });
  return frame;
}

export class TestClient {
  /** Rejects where the upgrade was refused. */
  readonly opened: Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly socket: WebSocket;
  readonly #frames: Frame[] = [];
  readonly #unread: Frame[] = [];
  #wake: (() => void)[] = [];
  /** Begins its ids: who comes back gets answers to what another connection has asked. */
  idPrefix = "t";
  #ids = 0;

  /** `ca` is what is trusted in the place of the system's authorities, `headers` go with the handshake. */
  constructor(
    url: string,
    protocols: string[] = [],
    { ca, headers }: { ca?: string | undefined; headers?: Record<string, string> } = {},
  ) {
    // What Bun takes in the place of protocols is not in the types of browsers.
    const options = {
      protocols,
      ...(headers && { headers }),
      ...(ca !== undefined && { tls: { ca } }),
    } as unknown as string[];
    const socket = new WebSocket(url, options);
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => {
        resolve({ code, reason });
        this.#notify();
      });
    });
    this.opened = new Promise((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("close", ({ code }) =>
        reject(new Error(`Cannot open ${url}: closed with ${code}`)),
      );
    });
    this.opened.catch(() => {});
    socket.addEventListener("message", ({ data }) => {
      const frame = numbered(JSON.parse(String(data)));
      this.#frames.push(frame);
      this.#unread.push(frame);
      this.#notify();
    });
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Sends a value as JSON, or text or bytes as they are. */
  send(frame: object | string | Uint8Array): void {
    const raw = typeof frame === "string" || frame instanceof Uint8Array;
    this.socket.send(raw ? (frame as string) : JSON.stringify(frame));
  }

  /** Sends a frame with an id of its own and waits for the one reply to it. */
  async request(frame: ClientFrame): Promise<Frame> {
    this.#ids += 1;
    const id = frame.id ?? `${this.idPrefix}${this.#ids}`;
    this.send({ ...frame, id });
    return this.next((reply) => reply.id === id, `the reply to ${brief(frame)}`);
  }

  /** Like `request`, but gives the reply's data, and throws where the reply is an error. */
  async ok(frame: ClientFrame): Promise<Frame> {
    const reply = await this.request(frame);
    if (!reply.ok) throw new Error(`${brief(frame)} was answered with ${brief(reply.error)}`);
    return reply.data;
  }

  /** Like `request`, but gives the error, and throws where there is none. */
  async fails(frame: ClientFrame): Promise<{ code: string; message: string; data?: unknown }> {
    const reply = await this.request(frame);
    if (reply.ok !== false) throw new Error(`${brief(frame)} was answered with ${brief(reply)}`);
    return reply.error;
  }

  /** Sends a message to a room, or to the application, and gives the handler's reply. */
  async ask(room: string | undefined, type: string, data?: unknown): Promise<Frame> {
    return this.ok({ event: "message", room, type, data });
  }

  /** The first frame that matches and that no earlier `next` has taken. */
  async next(matches: Predicate, what = matches.toString()): Promise<Frame> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const index = this.#unread.findIndex(matches);
      if (index >= 0) return this.#unread.splice(index, 1)[0];
      if (this.socket.readyState === WebSocket.CLOSED) throw this.#missed(what, "the connection is closed");
      if (Date.now() > end) throw this.#missed(what, `nothing in ${PATIENCE} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, end - Date.now() + 1);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #missed(what: string, why: string): Error {
    const came = this.#frames.slice(-10).map(brief);
    return new Error(`Waited for ${what}: ${why}. The last frames:\n${came.join("\n")}`);
  }

  /** The next message of a type. */
  async message(type: string): Promise<Frame> {
    return this.next((frame) => frame.event === "message" && frame.type === type, `a message "${type}"`);
  }

  /** Every frame so far, also those that were taken. */
  frames(matches: Predicate = () => true): Frame[] {
    return this.#frames.filter(matches);
  }

  /** Data of every message of a type so far. */
  messages(type: string): Frame[] {
    return this.frames((frame) => frame.event === "message" && frame.type === type).map(
      (frame) => frame.data,
    );
  }

  /** After this, everything that the server had queued for this connection when it was called has arrived. */
  async settle(): Promise<void> {
    await this.ok({ event: "ping" });
  }

  /** Leaves for good, or closes as a client does that comes back: with another code than 1000. */
  close(code = 1000): void {
    this.socket.close(code);
  }

  /** Loses the connection without a word: it may come back. */
  drop(): void {
    (this.socket as unknown as { terminate(): void }).terminate();
  }
}
