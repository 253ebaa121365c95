import { type Client as Sdk, connect } from "../../../src/client/client.ts";
import type { Book, Line } from "./ledger.ts";
import type { Client, Stage } from "./raw_client.ts";

/** How soon it comes back: a bench does not wait as long as a crowd of browsers should. */
const RECONNECT = { minDelay: 50, maxDelay: 200, spread: 100 };

/** A client that uses the SDK, and has no line of code for a server that is killed. */
export class SdkClient implements Client {
  readonly #sent = new Map<string, number>();
  waiting = 0;
  #sdk: Sdk | undefined;
  #isOver = false;

  constructor(
    readonly name: string,
    readonly rooms: readonly string[],
    private readonly stage: Stage,
  ) {}

  async enter(): Promise<void> {
    const { port, application, evidence } = this.stage;
    const sdk = await connect(`ws://127.0.0.1:${port}/ws/${application}`, {
      reconnect: RECONNECT,
      relogin: false,
    });
    this.#sdk = sdk;
    sdk.on("expired", ({ error }) => {
      this.#isOver = true;
      evidence.note("expired", `${this.name} (SDK): ${error.code}: ${error.message}`);
    });
    sdk.on("reset", () => evidence.resets++);
    sdk.on("error", ({ code, message }) =>
      evidence.note("broken", `${this.name} (SDK): ${code}: ${message}`),
    );
    sdk.on("close", ({ code, reason }) => {
      if (!this.#isOver) evidence.note("broken", `${this.name} (SDK) was closed: ${code} ${reason}`);
      this.#isOver = true;
    });
    await sdk.login({ name: this.name });
    for (const name of this.rooms) {
      const room = await sdk.join(name);
      room.messages.on("added", (line) => evidence.told(name, line as Line, "heard"));
      room.on("end", ({ cause }) => {
        if (!this.#isOver) evidence.note("broken", `${this.name} (SDK) is out of ${name}: ${cause}`);
      });
    }
  }

  add(name: string): void {
    const room = this.#sdk?.rooms.get(name);
    if (this.#isOver || !room) return;
    const n = (this.#sent.get(name) ?? 0) + 1;
    this.#sent.set(name, n);
    this.waiting++;
    room
      .request("add", n, { timeout: 0 })
      .then(
        (line) => this.stage.evidence.told(name, line as Line, "acknowledged"),
        ({ code, message }) =>
          this.stage.evidence.note(
            "broken",
            `${this.name} (SDK) asked ${name} for ${n}: ${code}: ${message}`,
          ),
      )
      .finally(() => this.waiting--);
  }

  async book(room: string): Promise<Book> {
    return (await this.#sdk?.rooms.get(room)?.request("book")) as Book;
  }

  end(): void {
    this.#isOver = true;
    void this.#sdk?.close();
  }
}
