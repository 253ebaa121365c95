/** What a drop and a return leave behind in the server's core: nothing, however many there are. */
import { expect, test } from "bun:test";
import { heapStats } from "bun:jsc";
import type { SocketHandler } from "../../../src/core/ports/socket.ts";
import { echoCore } from "../../bench/echo_server.ts";

const CLIENTS = 100;
const MEMBERS = 10;
/** Rounds in each of which all are lost and come back: some until all that is made once is there, then those that are counted. */
const FIRST_ROUNDS = 4;
const ROUNDS = 12;
const COLLECTIONS = 4;

/** One client; it comes back with what it has seen, and the newest secret. */
class Client {
  handler: SocketHandler;
  secret = "";
  seen = 0;
  readonly #socket = {
    buffered: 0,
    send: (text: string) => {
      const { data, seq } = JSON.parse(text);
      this.secret = data?.session ?? this.secret;
      this.seen = seq ?? this.seen;
    },
    close() {},
    terminate() {},
    divert: (handler: SocketHandler) => handler,
  };

  constructor(private readonly accept: () => SocketHandler) {
    this.handler = this.#open();
  }

  send(frame: object): void {
    this.handler.message(this.#socket, JSON.stringify(frame));
  }

  drop(): void {
    this.handler.close(this.#socket, 1006, "");
  }

  back(): void {
    this.handler = this.#open();
    this.send({ event: "reconnect", id: 0, data: { session: this.secret, seen: this.seen } });
  }

  #open(): SocketHandler {
    const handler = this.accept();
    handler.open(this.#socket);
    return handler;
  }
}

/** Lets all that is promised, or left for a later turn of the loop, happen. */
async function idle(): Promise<void> {
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setTimeout(resolve, 0));
}

test("drops and returns leave no object behind", async () => {
  const group = { add() {}, delete() {}, send() {} };
  const { accept, histories } = echoCore(() => group, setImmediate);
  const clients = Array.from({ length: CLIENTS }, () => new Client(accept));
  for (const [n, client] of clients.entries()) {
    client.send({ event: "login", id: 0, data: { name: `user ${n}` } });
    client.send({ event: "join", id: 1, room: `room ${Math.floor(n / MEMBERS)}` });
  }
  await idle();
  const round = async () => {
    for (const client of clients) client.drop();
    await idle();
    for (const client of clients) {
      client.back();
      client.send({ event: "ping", seen: client.seen });
    }
    await idle();
  };
  // The first collection leaves what was made last.
  const objects = () => {
    for (let n = 0; n < COLLECTIONS; n++) Bun.gc(true);
    return heapStats().objectCount;
  };
  for (let n = 0; n < FIRST_ROUNDS; n++) await round();
  const before = objects();
  const kept = histories.bytes;
  for (let n = 0; n < ROUNDS; n++) await round();
  // One that stays with each drop would be so many; compiled code comes and goes.
  expect(objects() - before).toBeLessThan((ROUNDS * CLIENTS) / 4);
  // What was said of the last round differs with the moment.
  expect(histories.bytes).toBeLessThan(2 * kept);
  expect(clients.filter(({ secret }) => secret === "")).toEqual([]);
});
