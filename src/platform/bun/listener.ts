import { BunGroup } from "./group.ts";
import { BunSocket } from "./socket.ts";
import { SocketEvents } from "../socket_events.ts";
import { Drain } from "../drain.ts";
import {
  IDLE_TIMEOUT,
  isUpgrade,
  LINGER,
  type Listener,
  type ListenOptions,
  MAX_FRAME,
  type Platform,
  remoteAddress,
} from "../platform.ts";

/** The platform of Bun. */
export const bun: Platform = {
  name: "bun",
  get version() {
    return Bun.version;
  },
  listen: async (options) => listen(options),
};

type Server = Bun.Server<BunSocket>;

function listen(options: ListenOptions): Listener {
  const sockets = new Set<BunSocket>();
  const drain = new Drain(() => sockets.size);
  const server: Server = Bun.serve<BunSocket>({
    hostname: options.hostname,
    port: options.port,
    fetch: (request, server) => drain.hold(() => answer(options, request, server)),
    websocket: {
      data: {} as BunSocket,
      maxPayloadLength: options.maxFrame ?? MAX_FRAME,
      idleTimeout: Math.min(960, Math.max(8, Math.ceil((options.idleTimeout ?? IDLE_TIMEOUT) / 1000))),
      sendPings: true,
      perMessageDeflate: false,
      // No limit: how much may wait for a slow client is the core's rule, which reads `buffered`.
      backpressureLimit: 0,
      open(ws) {
        sockets.add(ws.data);
        ws.data.opened(ws);
      },
      message(ws, frame) {
        ws.data.delivery.message(ws.data, frame);
      },
      close(ws, code, reason) {
        ws.data.ended(code, reason);
        sockets.delete(ws.data);
        drain.check();
      },
    },
  });

  let ending: Promise<void> | undefined;
  async function end(): Promise<void> {
    // `stop` refuses new connections from here on, and leaves open ones alone.
    const stopped = server.stop();
    await drain.empty();
    const late = setTimeout(() => void server.stop(true), LINGER);
    await stopped;
    clearTimeout(late);
  }

  return {
    hostname: options.hostname,
    port: server.port ?? options.port,
    group: () => new BunGroup((topic, frame) => server.publish(topic, frame)),
    close: () => {
      ending ??= end();
      return ending;
    },
    terminate() {
      const ended = this.close();
      for (const socket of sockets) socket.terminate();
      void server.stop(true);
      return ended;
    },
  };
}

/** Undefined where the request became a WebSocket. */
async function answer(options: ListenOptions, request: Request, server: Server) {
  const remote = remoteAddress(server.requestIP(request)?.address);
  let duty: "upgrade" | "fetch" = "upgrade";
  try {
    const upgrade = isUpgrade(request) ? options.upgrade(request, remote) : undefined;
    if (upgrade instanceof Response) return upgrade;
    if (upgrade) {
      // Without a header of ours Bun confirms the first protocol that the client offered.
      if (upgrade.protocol === undefined) request.headers.delete("sec-websocket-protocol");
      const headers = upgrade.protocol ? { "Sec-WebSocket-Protocol": upgrade.protocol } : undefined;
      const data = new BunSocket(new SocketEvents(upgrade.handler, options.onError));
      if (server.upgrade(request, { data, headers })) return undefined;
      return new Response("Cannot upgrade: the WebSocket handshake is not valid.\n", { status: 400 });
    }
    duty = "fetch";
    return await options.fetch(request, remote);
  } catch (error) {
    options.onError(error, duty);
    return new Response("Internal server error.\n", { status: 500 });
  }
}
