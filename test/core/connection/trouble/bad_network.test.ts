/** Connections whose network an admin makes a bad one: what waits, in which order it arrives, what bounds it, how it ends. */
import { expect, test } from "bun:test";
import { Budget } from "../../../../src/core/limit/budget.ts";
import type { Socket, SocketHandler } from "../../../../src/core/ports/socket.ts";
import { FakeClock } from "../../fake_clock.ts";
import { ConnectionTroubles } from "../../../../src/core/control/connection_troubles.ts";
import { BadNetwork, type Trouble } from "../../../../src/core/connection/trouble/bad_network.ts";
import { login, send, settle } from "../../session/links.ts";
import { type Link, Stage } from "../../session/stage.ts";

const IDLE = 42_000;
const INBOX = 512 * 1024;
const OUTBOX = 64 * 1024;

/** A room "hall" with "ann" and "bob", whose messages go to all and, where they begin with "only", to bob alone. */
async function openHall() {
  const stage = new Stage({ rooms: "join" }, { outbox: OUTBOX }, (_, { type, data }) => ({
    effects: [
      type === "only"
        ? { kind: "send", to: ["u2"], type: "said", data: data ?? "0" }
        : { kind: "broadcast", type: "said", data: data ?? "0" },
    ],
  }));
  const { clock, application } = stage;
  const log: string[] = [];
  const troubles = new ConnectionTroubles({
    clock,
    log: (_, text) => void log.push(text),
    idleTimeout: IDLE,
    inbox: INBOX,
  });
  const [ann] = await login(stage, "ann");
  const [bob, secret] = await login(stage, "bob");
  for (const link of [ann, bob]) send(link, { event: "join", id: 2, room: "hall" });
  await settle(stage);
  const [, connection] = application.connections;
  if (!connection) throw new Error("There is no connection of bob's.");
  const say = async (data: unknown, from = ann, type = "all") => {
    send(from, { event: "message", room: "hall", type, data });
    await settle(stage);
  };
  const trouble = (given: Partial<Trouble>) =>
    troubles.set(application, connection, { delayFor: 60_000, ...given });
  const view = () => troubles.viewOf(connection);
  return { stage, clock, ann, bob, secret, connection, say, trouble, view, log };
}

/** What was said to a link so far. */
function heard({ toClient }: Link): unknown[] {
  return toClient
    .map((text) => JSON.parse(text))
    .filter(({ event }) => event === "message")
    .map(({ data }) => data);
}

test("what is sent to one that is frozen, to all and to it alone, and what it sends, arrives later and in order", async () => {
  const { clock, stage, ann, bob, say, trouble, view, log, connection } = await openHall();
  const timers = clock.pending;
  trouble({ freeze: 5000 });
  for (const n of [1, 2, 3, 4]) await say(n, ann, n % 2 ? "all" : "only");
  for (const n of [5, 6]) await say(n, bob);
  expect([heard(bob), heard(ann)]).toEqual([[], [1, 3]]);
  expect(view()).toMatchObject({ frozenUntil: clock.now() + 5000, inbox: expect.any(Number) });
  expect(connection.buffered).toBeGreaterThan(100);
  clock.advance(4999);
  await settle(stage);
  expect(heard(bob)).toEqual([]);
  clock.advance(1);
  await settle(stage);
  expect([heard(bob), heard(ann)]).toEqual([
    [1, 2, 3, 4, 5, 6],
    [1, 3, 5, 6],
  ]);
  expect([view(), log]).toEqual([undefined, ["The trouble of connection c2 is over."]]);
  await say(7);
  expect(heard(bob).at(-1)).toBe(7);
  expect(clock.pending).toBe(timers);
});

test("a delay holds each frame for so long in each direction, keeps their order where it changes, and ends at its time", async () => {
  const { clock, stage, ann, bob, say, trouble, view } = await openHall();
  trouble({ delay: 1000, delayFor: 3000 });
  await say(1, bob);
  clock.advance(999);
  await settle(stage);
  expect(heard(ann)).toEqual([]);
  clock.advance(1);
  await settle(stage);
  expect([heard(ann), heard(bob)]).toEqual([[1], []]);
  trouble({ delay: 10, delayFor: 1000 });
  await say(2);
  clock.advance(10);
  expect(heard(bob)).toEqual([]);
  clock.advance(990);
  expect(heard(bob)).toEqual([1, 2]);
  expect(view()).toBeUndefined();
});

test("it ends at once where it is told to, with all that waits", async () => {
  const { clock, stage, ann, bob, say, trouble, view } = await openHall();
  trouble({ delay: 1000, freeze: 5000 });
  await say(1);
  await say(2, bob);
  trouble({ delay: 0 });
  clock.advance(100);
  expect([heard(bob), view()?.delay]).toEqual([[], undefined]);
  trouble({ freeze: 0 });
  await settle(stage);
  expect([heard(ann), heard(bob), view()]).toEqual([[1, 2], [1, 2], undefined]);
  trouble({ delay: 0, freeze: 0 });
  expect(view()).toBeUndefined();
});

test("a client that much waits for is slow, as ever; what waits is sent before the close", async () => {
  const { bob, say, trouble } = await openHall();
  trouble({ freeze: 5000 });
  for (let n = 0; n < 5; n++) await say("x".repeat(OUTBOX / 4));
  expect(bob.closeCode).toBe(4001);
  expect(heard(bob).length).toBeGreaterThanOrEqual(4);
});

test("frames that are short count for the memory that they take while they wait", async () => {
  const { bob, say, trouble } = await openHall();
  trouble({ freeze: 5000 });
  for (let n = 0; n < 600; n++) await say(n);
  expect(heard(bob).length).toBeLessThan(600);
  expect(bob.closeCode).toBe(4001);
});

test.each([
  ["frames", 2001, "."],
  ["bytes", 9, "x".repeat(60_000)],
])("a client that too many %s wait of is lost, and nothing of it is handled", async (_, count, data) => {
  const { stage, bob, ann, trouble, log } = await openHall();
  trouble({ freeze: 5000 });
  for (let n = 0; n < count - 1; n++) send(bob, { event: "message", room: "hall", type: "all", data });
  expect(bob.isCut).toBe(false);
  send(bob, { event: "message", room: "hall", type: "all", data });
  expect([bob.isCut, log[0]]).toEqual([
    true,
    expect.stringContaining("Connection c2 is lost: more than 2000"),
  ]);
  bob.ended();
  await settle(stage);
  expect(heard(ann)).toEqual([]);
});

test("what waits of all clients in trouble has a bound, and leaves it when it arrives or its connection ends", () => {
  const clock = new FakeClock();
  const inboxes = new Budget(() => 100 + 2 * 128);
  const sent: string[] = [];
  const lost: string[] = [];
  const network = (name: string) => {
    let handler: SocketHandler = { open() {}, message: (_, frame) => void sent.push(`${frame}`), close() {} };
    const socket: Socket = {
      buffered: 0,
      send() {},
      close() {},
      terminate: () => void lost.push(name),
      divert: (next) => {
        const before = handler;
        handler = next;
        return before;
      },
    };
    const deps = { clock, inboxes, inbox: INBOX, idleTimeout: IDLE, onError() {}, onLost() {}, onOver() {} };
    const made = new BadNetwork(socket, deps);
    made.set({ freeze: 1000, delayFor: 0 });
    return { made, hear: (frame: string) => handler.message(socket, frame) };
  };
  const [one, other] = [network("one"), network("other")];
  one.hear("a".repeat(60));
  other.hear("b".repeat(40));
  other.hear("c");
  expect([lost, inboxes.used]).toEqual([["other"], 60 + 128]);
  clock.advance(1000);
  expect([sent, inboxes.used]).toEqual([["a".repeat(60)], 0]);
});

test("one that is frozen for longer than a peer may be silent is lost, also where it is frozen again meanwhile", async () => {
  const { clock, stage, bob, ann, trouble, log } = await openHall();
  trouble({ freeze: 30_000 });
  clock.advance(29_000);
  trouble({ freeze: 60_000 });
  clock.advance(IDLE - 29_001);
  expect(bob.isCut).toBe(false);
  clock.advance(1);
  expect([bob.isCut, log[0]]).toEqual([true, `Connection c2 is lost: nothing got through for ${IDLE} ms.`]);
  bob.ended();
  await settle(stage);
  expect(JSON.parse(ann.toClient.at(-1) ?? "")).toMatchObject({ event: "disconnect", room: "hall" });
});

test("what a client has sent before it closed arrives before that does; it is away no sooner", async () => {
  const { clock, stage, bob, ann, say, trouble } = await openHall();
  trouble({ freeze: 5000 });
  await say(1, bob);
  bob.ended();
  await say(2);
  expect([heard(ann), JSON.parse(ann.toClient.at(-1) ?? "").event]).toEqual([[2], "message"]);
  clock.advance(5000);
  await settle(stage);
  expect(heard(ann)).toEqual([2, 1]);
  expect(JSON.parse(ann.toClient.at(-1) ?? "")).toMatchObject({ event: "disconnect", room: "hall" });
});

test("who comes back by another connection meanwhile has missed nothing, and nothing of it is handled twice", async () => {
  const { clock, stage, bob, ann, secret, say, trouble, view } = await openHall();
  trouble({ freeze: 5000 });
  await say(1);
  await say(2, bob);
  const again = stage.open();
  send(again, { event: "reconnect", id: 3, data: { session: secret, seen: 0 } });
  await settle(stage);
  const reply = JSON.parse(again.toClient[0] ?? "");
  expect([reply.data.outcome, reply.data.received, bob.closeCode]).toEqual(["resumed", 1, 4503]);
  await say(2, again);
  clock.advance(10_000);
  await settle(stage);
  expect([heard(again), heard(ann), view()]).toEqual([[1, 2], [1, 2], undefined]);
});
