/**
 * The server that `platform.ts` drives: sockets are labelled by `?as=`, and do what a JSON text frame says, to
 * themselves or to the socket named in `to`. Run as a program it prints its port and ends when it was stopped.
 */
import type { Group, Socket, SocketHandler } from "../../src/core/ports/socket.ts";
import { currentPlatform } from "../../src/platform/current.ts";
import type { Listener, ListenOptions, Platform, Upgrade } from "../../src/platform/platform.ts";

/** What a frame may ask for. */
export type Command =
  | { do: "echo"; text: string }
  | { do: "burst"; count: number; size: number }
  | { do: "close"; code: number; reason: string; thenDo?: "send" | "close" | "terminate" }
  | { do: "terminate" }
  | { do: "throw" }
  | { do: "buffered" }
  | { do: "log" }
  /** Puts sockets into the group of that name, or takes them out, or sends to it; several at once, in order. */
  | { do: "group"; name: string; steps: GroupStep[] }
  | { do: "stop" | "terminate listener" };

/** One thing done to a group, or to a socket beside it. */
export type GroupStep =
  | ["add" | "delete" | "close", as: string]
  | ["send", text: string, except?: string]
  | ["tell", as: string, text: string];

/** What a handler was told, in order. */
export interface Heard {
  as: string;
  event: "open" | "message" | "close" | "error";
  code?: number;
  reason?: string;
  inside?: boolean;
}

/** Bytes; a longer message is refused. */
export const MAX_FRAME = 64 * 1024;

/** ms */
export const IDLE_TIMEOUT = 1_500;

/** What a test asks of the listener beside its defaults. */
export type Limits = Pick<ListenOptions, "maxConnections" | "maxConnectionsPerAddress" | "certificate">;

/** Listens on a free port of the loopback address. */
export async function serve(
  platform: Platform,
  limits: Limits = {},
): Promise<{ listener: Listener; stopped: Promise<void> }> {
  const heard: Heard[] = [];
  const sockets = new Map<string, Socket>();
  const groups = new Map<string, Group>();
  const stopped = Promise.withResolvers<void>();
  let calling = false;

  const listener = await platform.listen({
    hostname: "127.0.0.1",
    port: 0,
    maxFrame: MAX_FRAME,
    idleTimeout: IDLE_TIMEOUT,
    ...limits,
    warn: (reason) => heard.push({ as: "warning", event: "error", reason }),
    onError: (error, during) =>
      heard.push({ as: during, event: "error", reason: error instanceof Error ? error.message : "?" }),
    async fetch(request, remote) {
      const path = new URL(request.url).pathname;
      if (path === "/throw") throw new Error("fetch threw");
      if (path === "/never") return new Promise<never>(() => {});
      if (path === "/body") return new Response(await request.text());
      if (path === "/log") return Response.json(heard);
      return new Response(`${request.method} ${path} from ${remote}`);
    },
    upgrade(request) {
      const url = new URL(request.url);
      if (url.pathname === "/plain") return undefined;
      if (url.pathname === "/throw-upgrade") throw new Error("upgrade threw");
      if (url.pathname !== "/ws") return new Response("no such socket", { status: 404 });
      const as = url.searchParams.get("as") ?? "";
      const upgrade: Upgrade = { handler: handler(as) };
      return request.headers.get("sec-websocket-protocol")?.includes("second")
        ? { ...upgrade, protocol: "second" }
        : upgrade;
    },
  });

  function handler(as: string): SocketHandler {
    return {
      open(socket) {
        sockets.set(as, socket);
        heard.push({ as, event: "open" });
        if (as === "throws on open") throw new Error("open threw");
      },
      message(socket, frame) {
        if (typeof frame !== "string") return socket.send(`${frame.constructor.name} ${frame.join(",")}`);
        heard.push({ as, event: "message" });
        const { to, ...command } = JSON.parse(frame) as Command & { to?: string };
        const target = to === undefined ? socket : sockets.get(to);
        if (!target) throw new Error(`no socket ${to}`);
        calling = true;
        try {
          run(command as Command, target, socket);
        } finally {
          calling = false;
        }
      },
      close(socket, code, reason) {
        heard.push({ as, event: "close", code, reason, inside: calling });
        socket.send("too late");
        socket.close(1000, "");
        if (as === "throws on close") throw new Error("close threw");
      },
    };
  }

  function run(command: Command, target: Socket, asker: Socket): void {
    switch (command.do) {
      case "echo":
        return target.send(command.text);
      case "burst":
        for (let i = 0; i < command.count; i++) target.send(`${i}:`.padEnd(command.size, "x"));
        return;
      case "close":
        target.close(command.code, command.reason);
        if (command.thenDo === "send") target.send("after close");
        if (command.thenDo === "close") target.close(4999, "second");
        if (command.thenDo === "terminate") target.terminate();
        return;
      case "terminate":
        return target.terminate();
      case "throw":
        throw new Error("message threw");
      case "buffered":
        return asker.send(String(target.buffered));
      case "group":
        return runGroup(command.name, command.steps);
      case "log":
        return asker.send(JSON.stringify(heard));
      default:
        (command.do === "stop" ? listener.close() : listener.terminate()).then(
          stopped.resolve,
          stopped.reject,
        );
    }
  }

  function runGroup(name: string, steps: GroupStep[]): void {
    const group = groups.get(name) ?? listener.group();
    groups.set(name, group);
    for (const [what, who, text = ""] of steps) {
      if (what === "send") {
        group.send(who, text === "" ? undefined : sockets.get(text));
        continue;
      }
      const socket = sockets.get(who);
      if (!socket) throw new Error(`no socket ${who}`);
      if (what === "tell") socket.send(text);
      else if (what === "close") socket.close(1000, "");
      else group[what](socket);
    }
  }

  return { listener, stopped: stopped.promise };
}

if (import.meta.main) {
  const { listener, stopped } = await serve(await currentPlatform(), JSON.parse(process.argv[2] ?? "{}"));
  console.log(listener.port);
  await stopped;
}
