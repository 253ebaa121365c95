import type { Applications } from "./application/applications.ts";
import type { Connections } from "./connection/connections.ts";
import type { Clock } from "./ports/clock.ts";
import type { Scripts } from "./ports/scripts.ts";
import type { ServerState } from "./view/server_view.ts";

/** How long a server that stops waits for its clients to close their connections, ms; then it cuts them off. */
const DRAIN_GRACE_MS = 5000;

/** What a running server consists of, as far as it has to be stopped. */
export interface ServerParts {
  readonly watcher: { close(): void };
  readonly applications: Applications;
  readonly connections: Connections;
  readonly listener: { close(): Promise<void>; terminate(): Promise<void> };
  readonly scripts: Scripts;
}

/** Where a server is in its life, from its start to its end, and the order in which its parts stop. */
export class ServerLifecycle {
  #state: ServerState = "starting";
  #stopped: Promise<void> | undefined;

  constructor(private readonly clock: Clock) {}

  get state(): ServerState {
    return this.#state;
  }

  /** Notes that every application of the start was loaded, or has failed to be. */
  loaded(): void {
    if (this.#state === "starting") this.#state = "ready";
  }

  /** Stops the parts, once however often it is called; resolves when the script hosts have ended. */
  stop(parts: ServerParts): Promise<void> {
    this.#stopped ??= this.#drain(parts);
    return this.#stopped;
  }

  async #drain({ watcher, applications, connections, listener, scripts }: ServerParts): Promise<void> {
    this.#state = "draining";
    watcher.close();
    await applications.close("The server is stopping.");
    connections.close();
    const cancel = this.clock.after(DRAIN_GRACE_MS, () => void listener.terminate());
    await listener.close();
    cancel();
    await scripts.stop();
  }
}
