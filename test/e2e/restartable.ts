/** A server that is killed or stopped, and started again: same port, same data folder. */
import { makeFolder, startServer, type TestServer, until } from "./harness.ts";
import type { TestClient } from "./client.ts";
import type { Runtime } from "./runtimes.ts";

export class Restartable {
  server!: TestServer;
  /** The data folder. */
  readonly data = makeFolder();
  readonly #extensions: string;
  #port = 0;

  constructor(
    private readonly runtime: Runtime,
    files: Record<string, string>,
    private readonly args: string[] = [],
    private readonly env: Record<string, string> = {},
  ) {
    this.#extensions = makeFolder(files);
  }

  async start(): Promise<this> {
    const { runtime, env } = this;
    const args = ["--data", this.data, "--port", String(this.#port), ...this.args];
    this.server = await startServer({ runtime, extensions: this.#extensions, args, env });
    this.#port = this.server.port;
    return this;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** Ends the server and all of its children at once. */
  async kill(): Promise<void> {
    const children = [...this.server.hostPids(), ...this.server.hostPids("store-writer")];
    for (const pid of [this.server.pid, ...children]) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It went with another one.
      }
    }
    await until("the server to be gone", async () => {
      const [answer] = await Promise.allSettled([fetch(`http://127.0.0.1:${this.#port}/healthz`)]);
      return answer.status === "rejected";
    });
    await this.server.kill();
  }

  /** Kills the server, and starts it again. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Stops the server as an operator does, and starts it again. */
  async stopAndStart(): Promise<void> {
    this.server.signal("SIGTERM");
    await this.server.exited();
    await this.server.kill();
    await this.start();
  }

  connect(application: string): Promise<TestClient> {
    return this.server.connect(application);
  }
}
