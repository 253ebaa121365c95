import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { limitsSchema } from "../../../src/core/application/settings.ts";
import { limits, message, Stage } from "./stage.ts";

const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const noise = (length: number, step = 7) => Uint8Array.from({ length }, (_, at) => at * step);
const slow = { limits: { ...limits, cpuPerEvent: 1000 } };

test("bytes come to a handler as they are, each its own, and go out to clients and as a result", async () => {
  const stage = await Stage.room(
    `messages: {
      ink(room, user, data) {
        room.broadcast("said", data);
        room.send(user, "said", data.subarray(1, 3), );
        room.application.broadcast("all", data);
        room.application.send(user, "one", new Uint8Array(0));
        room.application.room("other").broadcast("there", data);
        return data.reverse();
      },
      look: (room, user, data) => [data instanceof Uint8Array, data.length, data.byteOffset, data.buffer.byteLength],
      text: (room, user, data) => data,
    },
    events: { message: (room, user, { type, data }) => data }`,
    slow,
  );
  const [ink] = await stage.play(message("ink", every));
  expect(ink?.effects).toEqual([
    ["broadcast", "said", every, 0],
    ["send", "said", every.subarray(1, 3), ["u1"]],
    ["broadcastApplication", "all", every],
    ["sendApplication", "one", new Uint8Array(0), ["u1"]],
    ["broadcastRoom", "there", every, "other"],
  ]);
  expect(ink?.value).toEqual(every.toReversed());
  // One batch of all kinds: each event has what is its own.
  const sent = [noise(1), noise(100_000), new Uint8Array(0), noise(300, 3)];
  const results = await stage.play(
    ...sent.flatMap((bytes) => [message("look", bytes), message("text", "ü"), message("other", bytes)]),
  );
  expect(results.map(({ value }) => value)).toEqual(
    sent.flatMap((bytes) => [[true, bytes.length, 0, bytes.length], "ü", bytes]),
  );
});

test("what a handler has sent stays what it was, whatever becomes of its array", async () => {
  const stage = await Stage.room(
    `messages: { draw(room, user, data) {
      const own = new Uint8Array([1, 2, 3]);
      room.broadcast("a", own); own[0] = 9; room.broadcast("b", own); own.fill(0); data.fill(0);
    } }`,
  );
  const [drawn] = await stage.play(message("draw", every));
  expect(drawn?.effects.map(([, , data]) => data)).toEqual([
    new Uint8Array([1, 2, 3]),
    new Uint8Array([9, 2, 3]),
  ]);
});

test("of an event that fails nothing goes out, and the others' bytes stay theirs", async () => {
  const stage = await Stage.room(
    `messages: {
      good(room, user, data) { room.broadcast("x", data); return data; },
      bad(room, user, data) { room.broadcast("x", data); throw new Error("No."); },
      hang(room, user, data) { room.broadcast("x", data); for (;;); },
      empty(room, user, data) { room.broadcast("x", new Uint8Array(0)); throw new Error("No."); },
    }`,
    { limits: { ...limits, cpuPerEvent: 60 } },
  );
  for (let round = 0; round < 2; round++) {
    const all = ["empty", "good", "bad", "good", "empty", "hang", "good"];
    const results = await stage.play(...all.map((type, at) => message(type, noise(5000, at + 1))));
    for (const [at, { status, value, effects }] of results.entries()) {
      const isGood = all[at] === "good";
      expect(status).toBe(isGood ? "ok" : "handler_failed");
      expect(effects).toEqual(isGood ? [["broadcast", "x", noise(5000, at + 1), 0]] : []);
      expect(value).toEqual(isGood ? noise(5000, at + 1) : undefined);
    }
  }
});

test("an event that is replayed sends nothing, and comes to the same state", async () => {
  const stage = await Stage.room(
    `state: () => ({ sum: 0 }), messages: { add(room, user, data) { for (const byte of data) room.state.sum += byte; room.broadcast("x", data); } }`,
  );
  const [muted] = await stage.play({ ...message("add", every), flags: 2 }, message("add", noise(3, 1)));
  expect(muted).toMatchObject({ status: "ok", effects: [] });
  expect(await stage.snapshot()).toEqual({ state: { sum: 255 * 128 + 3 } });
});

test("limits hold for bytes to the byte, and tell how many there were", async () => {
  const stage = await Stage.room(
    `messages: {
      fits(room) { for (let n = 0; n < 4; n++) room.broadcast("x", new Uint8Array(1000)); },
      many(room) { for (let n = 0; n < 5; n++) room.broadcast("x", new Uint8Array(1000)); },
      mixed(room) { room.broadcast("x", "x".repeat(900)); for (let n = 0; n < 4; n++) room.broadcast("x", new Uint8Array(900)); },
      large(room) { room.broadcast("x", new Uint8Array(1001)); },
      result: () => new Uint8Array(1001),
    }`,
    { limits: { ...limits, message: 1000, output: 4100 } },
  );
  expect((await stage.message("fits")).effects).toHaveLength(4);
  const told: Record<string, string> = {
    many: "the event's effects are larger than 4100 bytes: they have 50",
    mixed: "the event's effects are larger than 4100 bytes: they have 45",
    large: "the message is larger than 1000 bytes: it has 1001 (limits.message)",
    result: "the message is larger than 1000 bytes: it has 1001 (limits.message)",
  };
  for (const [type, detail] of Object.entries(told)) {
    const { failure, effects } = await stage.message(type);
    expect([type, failure?.limit, effects]).toEqual([type, "output", []]);
    expect(failure?.detail).toContain(detail);
  }
});

describe("bytes where they can't be", () => {
  const refused: [string, string, string][] = [
    [
      "inside data",
      `room.broadcast("x", { page: [{ ink: bytes }] })`,
      "room.broadcast: data.page[0].ink is a Uint8Array",
    ],
    ["inside a result", `return { ink: bytes }`, 'The result of "go": data.ink is a Uint8Array'],
    ["in an emit", `room.emit("x", bytes)`, "room.emit: data is a Uint8Array"],
    ["in a schedule", `room.schedule("later", 1, bytes)`, "room.schedule: data is a Uint8Array"],
    ["in a move", `room.move(user, "other", bytes)`, "room.move: data is a Uint8Array"],
    ["in a refusal", `refuse("No.", bytes)`, "refuse: data is a Uint8Array"],
    ["in what a room is", `room.update({ meta: { ink: bytes } })`, "meta.ink is a Uint8Array"],
  ];
  test.each(refused)("%s fail the event, with the path", async (_, code, detail) => {
    const stage = await Stage.room(
      `timers: { later() {} }, messages: { go(room, user) { const bytes = new Uint8Array(3); ${code} } }`,
    );
    const { status, failure, effects } = await stage.message("go");
    expect({ status, effects }).toEqual({ status: "handler_failed", effects: [] });
    expect(failure?.detail).toContain(detail);
  });

  test("in a first state fail it, and in a state later its snapshot, with the path", async () => {
    const first = await Stage.room(`state: () => ({ board: { ink: new Uint8Array(3) } })`);
    const [opened] = await first.play({ ...message("x"), script: 1 });
    expect(opened?.status).toBe("handler_failed");
    const stage = await Stage.room(
      `state: () => ({}), messages: { keep(room, user, data) { room.state.ink = [data]; } }`,
    );
    const [kept, snapshot] = await stage.play(message("keep", every), { kind: "snapshot" });
    expect(kept?.logs[0]?.[1]).toContain("room.state.ink[0] is a Uint8Array, which JSON can't write");
    expect(snapshot?.failure?.detail).toContain("the state.ink[0] is a Uint8Array, which JSON can't write");
  });
});

test("a schema sees bytes", async () => {
  const stage = await Stage.room(
    `messages: { ink: { schema: v.instance(Uint8Array), handle: (room, user, data) => data.length } }`,
    {},
    'import * as v from "valibot";',
  );
  expect((await stage.message("ink", every)).value).toBe(256);
  const { status, failure } = await stage.message("ink", { 0: 1 });
  expect([status, failure?.message]).toEqual([
    "invalid_data",
    expect.stringContaining("Expected Uint8Array"),
  ]);
});

test("whatever a script does to arrays, its bytes cross, or its event alone fails", async () => {
  const stage = await Stage.room(
    `messages: {
      ink(room, user, data) { room.broadcast("x", data); return data; },
      spoil() {
        const proto = Object.getPrototypeOf(Uint8Array.prototype);
        Object.defineProperty(proto, "length", { get: () => 1e9, configurable: true });
        Object.defineProperty(proto, "buffer", { get: () => new ArrayBuffer(1), configurable: true });
        proto.set = () => { throw new Error("No."); };
        Object.defineProperty(ArrayBuffer, Symbol.species, { get: () => class { constructor() { throw new Error("No."); } } });
        ArrayBuffer.prototype.slice = () => { throw new Error("No."); };
        globalThis.Uint8Array = class {};
      },
      own(room) { room.broadcast("x", Object.create(Object.getPrototypeOf(new Int8Array(1)))); },
    }`,
  );
  await stage.message("spoil");
  const [ink, own, again] = await stage.play(message("ink", every), message("own"), message("ink", every));
  expect([ink?.value, again?.value]).toEqual([every, every]);
  expect(ink?.effects).toEqual([["broadcast", "x", every, 0]]);
  expect(own?.status).toBeDefined();
});

test("a message may have 1 MB, and the effects of an event 4 MB, where nothing else is set", async () => {
  const { message: most, output } = v.parse(limitsSchema, {});
  expect([most, output]).toEqual([1024 * 1024, 4 * 1024 * 1024]);
  const stage = await Stage.room(
    `messages: { go(room, user, data) { for (let n = 0; n < 4; n++) room.broadcast("x", data); } }`,
    slow,
  );
  const data = noise(1024 * 1024);
  const [gone] = await stage.play(message("go", data));
  expect(gone?.status).toBe("handler_failed");
  const fits = await stage.play(message("go", data.subarray(64)));
  expect(fits[0]?.effects).toHaveLength(4);
  expect(fits[0]?.effects[3]?.[2]).toEqual(data.subarray(64));
});
