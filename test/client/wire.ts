import type { ServerWebSocket } from "bun";

// biome-ignore lint/suspicious/noExplicitAny: frames are what the client sent; the tests say what they should be.
type Frame = any;

/**
 * A WebSocket server that says exactly what a test tells it to, at the time the test wants: what the real one does
 * only sometimes can be tried here. `test/e2e` runs the SDK against the real one.
 */
export class WrittenServer implements AsyncDisposable {
  readonly url: string;
  /** Frames that came, in order. */
  readonly frames: Frame[] = [];
  socket: ServerWebSocket<undefined> | undefined;
  readonly #server: Bun.Server<undefined>;
  readonly #waiting: { matches(frame: Frame): boolean; resolve(frame: Frame): void }[] = [];

  /** `answer` is called with each frame; what it returns is sent as that frame's reply data, undefined sends nothing. */
  constructor(answer: (frame: Frame, server: WrittenServer) => unknown = standard) {
    this.#server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request, server) {
        if (new URL(request.url).pathname === "/silent") return new Promise<Response>(() => {});
        const headers = { "sec-websocket-protocol": "hotroom.v1" };
        if (server.upgrade(request, { data: undefined, headers })) return;
        return new Response("none here", { status: 404 });
      },
      websocket: {
        open: (socket) => {
          this.socket = socket;
        },
        message: (_, text) => {
          const frame = JSON.parse(String(text));
          this.frames.push(frame);
          const data = answer(frame, this);
          if (data !== undefined && frame.id !== undefined) this.send({ id: frame.id, ok: true, data });
          for (const one of this.#waiting.splice(0)) {
            if (one.matches(frame)) one.resolve(frame);
            else this.#waiting.push(one);
          }
        },
      },
    });
    this.url = `ws://127.0.0.1:${this.#server.port}/ws/test`;
  }

  send(...frames: object[]): void {
    for (const frame of frames) this.socket?.send(JSON.stringify(frame));
  }

  /** The first frame that matches, of those that came or come. */
  frame(matches: (frame: Frame) => boolean): Promise<Frame> {
    const there = this.frames.find(matches);
    if (there) return Promise.resolve(there);
    return new Promise((resolve) => this.#waiting.push({ matches, resolve }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

export const ann = { id: "u1", name: "ann" };
export const bob = { id: "u2", name: "bob" };

/** Says yes to everything, and echoes messages as their reply. */
export function standard(frame: Frame): unknown {
  if (frame.event === "login") return { user: { ...ann, name: frame.data.name }, session: "s-1" };
  if (frame.event === "join" || frame.event === "subscribe")
    return { room: frame.room, type: "chat", users: [ann] };
  if (frame.event === "message") return frame.data ?? null;
  return {};
}
