import { expect } from "bun:test";
import { Client } from "./client.ts";
import type { Heard } from "./platform_server.ts";

/** A running `platform_server.ts`. */
export interface Subject {
  readonly port: number;
  /** Resolves when the listener has closed. */
  readonly stopped: Promise<unknown>;
  /** Ends what is left of it. */
  kill(): void;
}

/** Drives one subject as its clients do. */
export class Driver {
  #clients = 0;

  constructor(readonly subject: Subject) {}

  get port(): number {
    return this.subject.port;
  }

  /** Opens a WebSocket under a name of its own. */
  open(as = `client ${++this.#clients}`, protocols: string[] = []): Promise<Client> {
    return Client.open(this.port, as, protocols);
  }

  /** What all handlers were told so far, in order. */
  async log(): Promise<Heard[]> {
    const response = await fetch(`http://127.0.0.1:${this.port}/log`);
    return (await response.json()) as Heard[];
  }

  /** What the handler of one socket was told, or what was thrown during a duty. */
  async heard(as: string): Promise<Heard[]> {
    return (await this.log()).filter((entry) => entry.as === as);
  }

  /** Waits until a socket's handler was told of the close, and tells what it was told. */
  async farewell(as: string): Promise<Heard> {
    for (;;) {
      const closes = (await this.heard(as)).filter(({ event }) => event === "close");
      if (closes[0]) {
        expect(closes).toHaveLength(1);
        return closes[0];
      }
      await Bun.sleep(5);
    }
  }

  /** Bytes that wait for another socket's peer. */
  async buffered(asker: Client, to: string): Promise<number> {
    asker.ask({ do: "buffered", to });
    return Number(await asker.next());
  }
}
