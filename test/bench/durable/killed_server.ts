import { createServer } from "node:net";
import { type KillOrder, killTree } from "../kill_tree.ts";
import { hotroomCommandOn, RunningServer } from "../servers.ts";

/** Where a server has its applications and its data, and what runs it. */
export interface KilledServerOptions {
  readonly runtime: "bun" | "deno";
  readonly extensions: string;
  readonly data: string;
}

/** A server that is killed with all of its processes, and started again at the same address and on the same data. */
export class KilledServer {
  #running: RunningServer | undefined;

  private constructor(
    readonly port: number,
    private readonly options: KilledServerOptions,
  ) {}

  static async start(options: KilledServerOptions): Promise<KilledServer> {
    const server = new KilledServer(await freePort(), options);
    await server.restart();
    return server;
  }

  get pid(): number {
    return this.#running?.pid as number;
  }

  /** The last lines that it has printed. */
  get lines(): readonly string[] {
    return this.#running?.lines ?? [];
  }

  /** Starts it; resolves when it listens. */
  async restart(): Promise<void> {
    const { runtime, extensions, data } = this.options;
    const flags = ["--data", data, "--port", String(this.port)];
    // Another name than "hotroom" does not wait for /healthz: how long that takes is part of what is measured.
    this.#running = await RunningServer.start("durable", hotroomCommandOn(runtime, extensions, ...flags));
  }

  healthy(): Promise<void> {
    return this.#running?.healthy() as Promise<void>;
  }

  /** kill -9 of the server and, unless it is told otherwise, of all its processes; resolves when none is left. */
  kill(order: KillOrder): Promise<void> {
    return killTree(this.pid, order);
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
  }
}

/** A TCP port that nobody listens at. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
