/** Schemas of events, of timers, and of what a script sends. */
import { expect, test } from "bun:test";
import { directory, join, message, open, type Played, type Result, SEED, Stage } from "./stage.ts";

const valibot = `import * as v from "valibot";`;
const room = (definition: string) => Stage.room(definition, {}, valibot);

test("data of a join that does not fit its schema lets nobody in, and its handler is not asked", async () => {
  const stage = await Stage.of({
    "rooms/m.ts": `import { defineRoom } from "hotroom"; ${valibot}
      export default defineRoom({ state: () => ({ asked: 0 }), events: { join: {
        schema: v.object({ seat: v.pipe(v.number(), v.integer()), colour: v.optional(v.string(), "red") }),
        handle(room, user, data) { room.state.asked++; room.broadcast("in", data); } } },
        messages: { who: (room) => [room.users.length, room.state.asked] } });`,
  });
  const [, misfit, none, fit, who] = await stage.play(
    open(),
    join("u1", "ann", { seat: 1.5 }),
    join("u1", "ann"),
    join("u1", "ann", { seat: 2, more: 1 }),
    message("who"),
  );
  expect(misfit).toMatchObject({
    status: "invalid_data",
    failure: { message: 'Cannot handle "join": seat: Invalid integer: Received 1.5.' },
  });
  expect(none?.status).toBe("invalid_data");
  expect(fit?.effects).toEqual([["broadcast", "in", { seat: 2, colour: "red" }, 0]]);
  expect(who?.value).toEqual([1, 1]);
});

test("data of a watch that does not fit its schema lets nobody watch", async () => {
  const stage =
    await room(`events: { watch: { schema: v.object({ key: v.literal(7) }), handle: (room, user, { key }) => key } },
    messages: { watchers: (room) => room.watchers }`);
  const watch = (data: unknown): Played => ({
    kind: "watch",
    data: { user: { id: "u3", name: "cat" }, data },
  });
  const [misfit, before, fit, after] = await stage.play(
    watch({ key: 8 }),
    message("watchers"),
    watch({ key: 7 }),
    message("watchers"),
  );
  expect(misfit?.failure?.message).toBe(
    'Cannot handle "watch": key: Invalid type: Expected 7 but received 8.',
  );
  expect([before?.value, fit?.value, after?.value]).toEqual([0, 7, 1]);
});

test("a login's data and that of a request for a room are checked before their handlers", async () => {
  const stage = await application(`events: {
      login: { schema: v.object({ name: v.pipe(v.string(), v.trim()), level: v.optional(v.number(), 1) }), handle: (app, { data, connection }) => ({ name: data.name, data: [data.level, connection.id] }) },
      create: { schema: v.object({ size: v.picklist([3, 4]) }), handle(app, request, user) { app.send(user, "asked", request); } } }`);
  const login = (data: unknown): Played => ({ kind: "login", name: "c1", data: { data, headers: {} } });
  const create = (data: unknown): Played => ({
    kind: "create",
    data: { user: { id: "u1", name: "ann" }, request: { name: "x", type: "hall", data } },
  });
  const results = await stage.play(
    login({ name: " ann " }),
    login({ name: 5 }),
    create({ size: 3, more: 1 }),
    create(undefined),
  );
  expect(results.map(({ value, failure }) => value ?? failure?.message)).toEqual([
    { name: "ann", data: [1, "c1"] },
    'Cannot handle "login": name: Invalid type: Expected string but received 5.',
    undefined,
    'Cannot handle "create": Invalid type: Expected Object but received undefined.',
  ]);
  expect(results[2]?.effects).toEqual([
    ["send", "asked", { name: "x", type: "hall", data: { size: 3 } }, ["u1"]],
  ]);
});

test("data of a timer that do not fit its schema fail its event, with the path and the place of its handler", async () => {
  const stage = await room(`timers: {
    round: {
      schema: v.object({ n: v.number() }),
      handle(room, { n }) { room.broadcast("round", n); },
    } }`);
  const round = (data: unknown): Played => ({ kind: "timer", name: "round", data });
  const [fit, misfit] = await stage.play(round({ n: 1 }), round({ n: "1" }));
  expect(fit?.effects).toEqual([["broadcast", "round", 1, 0]]);
  expect(misfit).toMatchObject({ status: "handler_failed", effects: [] });
  expect(misfit?.failure).toMatchObject({
    message: 'Cannot handle "round": its handler failed.',
    position: { file: "rooms/m.ts", line: 5 },
  });
  expect(misfit?.failure?.detail).toStartWith(
    'The data does not fit the schema of timers.round: n: Invalid type: Expected number but received "1"\n    at handle (rooms/m.ts:5:',
  );
});

test("what a room sends goes out as its schema makes it, and fails the event where it does not fit", async () => {
  const stage =
    await room(`sends: { said: v.object({ text: v.string(), at: v.optional(v.number(), 0) }), bye: v.undefined() },
    messages: {
      fit(room, user) { room.broadcast("said", { text: "hi", secret: 1 }); room.send(user, "said", { text: "you", at: 2 }); room.broadcast("bye"); room.broadcast("other", { any: 1 }); },
      broadcast(room) { room.state.tried = true; room.broadcast("bye"); room.broadcast("said", { text: 5 }); },
      send(room, user) { room.send(user, "said"); },
      except(room, user) { room.broadcast("said", {}, { except: user }); },
      state: (room) => room.state }`);
  const fit = await stage.message("fit");
  expect(fit.effects).toEqual([
    ["broadcast", "said", { text: "hi", at: 0 }, 0],
    ["send", "said", { text: "you", at: 2 }, ["u1"]],
    ["broadcast", "bye", undefined, 0],
    ["broadcast", "other", { any: 1 }, 0],
  ]);
  const failed = await stage.message("broadcast");
  expect(failed).toMatchObject({ status: "handler_failed", effects: [] });
  expect(failed.failure?.detail).toStartWith(
    'TypeError: room.broadcast: the data of "said" does not fit its schema in sends: text: Invalid type: Expected string but received 5',
  );
  expect(failed.failure?.position).toMatchObject({ file: "rooms/m.ts", line: 5 });
  expect((await stage.message("send")).failure?.detail).toContain("room.send: the data of");
  expect((await stage.message("except")).failure?.detail).toContain('Expected "text" but received undefined');
});

test("bytes are checked as what they are, on their way in and out", async () => {
  const stage = await room(`sends: { ink: v.pipe(v.instance(Uint8Array), v.maxLength(3)) },
    messages: { draw: { schema: v.instance(Uint8Array), handle: (room, user, bytes) => room.broadcast("ink", bytes) } }`);
  const bytes = new Uint8Array([1, 2, 3]);
  expect((await stage.message("draw", bytes)).effects).toEqual([["broadcast", "ink", bytes, 0]]);
  expect((await stage.message("draw", "text")).status).toBe("invalid_data");
  expect((await stage.message("draw", new Uint8Array(4))).failure?.detail).toContain(
    "Invalid length: Expected <=3 but received 4",
  );
});

test("an application declares what its users are sent, by itself or by its rooms, and its rooms what comes from it", async () => {
  const stage = await application(`sends: { news: v.string() },
    messages: {
      broadcast: (app) => app.broadcast("news", 1), send: (app, user) => app.send(user, "news", 2),
      hall: (app) => app.room("hall").broadcast("said", 3), nowhere: (app) => app.room("nowhere").broadcast("said", 4), news: (app) => app.room("hall").broadcast("news", 5) }`);
  const details = async (...events: Played[]) =>
    (await stage.play(...events)).map(
      ({ failure, effects }) => failure?.detail?.split("\n")[0] ?? effects[0]?.[2],
    );
  expect(
    await details(...["broadcast", "send", "hall", "nowhere", "news"].map((type) => message(type))),
  ).toEqual([
    'TypeError: app.broadcast: the data of "news" does not fit its schema in sends: Invalid type: Expected string but received 1',
    'TypeError: app.send: the data of "news" does not fit its schema in sends: Invalid type: Expected string but received 2',
    'TypeError: room.broadcast: the data of "said" does not fit its schema in sends: Invalid type: Expected string but received 3',
    'TypeError: room.broadcast: the data of "said" does not fit its schema in sends: Invalid type: Expected string but received 4',
    5,
  ]);
  await stage.play(
    open({ room: { name: "hall", type: "hall", maxUsers: null } }, 2),
    join("u1", "ann", undefined, 2),
  );
  const inRoom = ["broadcast", "send"].map((type) => ({ ...message(type), script: 2 }));
  expect(await details(...inRoom)).toEqual([
    'TypeError: application.broadcast: the data of "news" does not fit its schema in sends: Invalid type: Expected string but received 6',
    'TypeError: application.send: the data of "news" does not fit its schema in sends: Invalid type: Expected string but received 7',
  ]);
});

test("what a room sends to another one has to fit the schema of a room type, where all of them say what they send", async () => {
  const types = (third = "") => ({
    "rooms/m.ts": `import { defineRoom } from "hotroom"; ${valibot}
      export default defineRoom({ sends: { said: v.object({ text: v.string() }), mine: v.string() },
        messages: { to: (room, user, [name, type, data]) => room.application.room(name).broadcast(type, data) } });`,
    "rooms/other.ts": `import { defineRoom } from "hotroom"; ${valibot}
      export default defineRoom({ sends: {
        said: v.object({ text: v.string(), by: v.optional(v.string()) }), news: v.object({ n: v.number() }), mine: v.number() } });`,
    ...(third && { "rooms/third.ts": third }),
  });
  const sent = async (
    files: Record<string, string>,
    ...all: [room: string, type: string, data: unknown][]
  ) => {
    const stage = await Stage.of(files);
    const [, ...results] = await stage.play(open(), ...all.map((each) => message("to", each)));
    return results.map(
      ({ failure, effects }) =>
        failure?.detail?.split("\n")[0]?.replace(/.* in sends: /, "") ?? effects[0]?.[2],
    );
  };
  expect(
    await sent(
      types(),
      // One type declares it, and makes of it what it names.
      ["x", "news", { n: 1, secret: 2 }],
      ["x", "news", { n: "one" }],
      // Two do, of which either may be meant: what both make the same of, what they do not, and what fits none.
      ["x", "said", { text: "hi", secret: 2 }],
      ["x", "said", { text: "hi", by: "ann", more: 1 }],
      ["x", "said", { text: 5 }],
      ["x", "mine", 5],
      // Its own type is known.
      ["lobby", "mine", 5],
      ["x", "undeclared", { any: 1 }],
    ),
  ).toEqual([
    { n: 1 },
    'n: Invalid type: Expected number but received "one"',
    { text: "hi" },
    { text: "hi", by: "ann", more: 1 },
    "text: Invalid type: Expected string but received 5",
    5,
    "Invalid type: Expected string but received 5",
    { any: 1 },
  ]);
  const silent = 'import { defineRoom } from "hotroom"; export default defineRoom({});';
  expect(await sent(types(silent), ["x", "news", { n: "one" }])).toEqual([{ n: "one" }]);
});

test.each(["async () => ({ value: 1 })", "() => ({ then(done) { done({ value: 1 }); } })"])(
  "a schema that turns out to wait fails the event: %s",
  async (validate) => {
    const late = `{ "~standard": { version: 1, vendor: "x", validate: ${validate} } }`;
    const stage =
      await room(`sends: { said: ${late} }, events: { join() {} }, timers: { round: { schema: ${late}, handle() {} } },
    messages: { say: (room) => room.broadcast("said", 1) }`);
    const results: Result[] = await stage.play(message("say"), { kind: "timer", name: "round" });
    for (const { failure } of results) expect(failure?.detail).toContain("a schema must not be asynchronous");
  },
);

/** A stage whose script 1 is an extension that knows the room `hall` of a type that sends `said`, and the user ann. */
async function application(definition: string): Promise<Stage> {
  const stage = await Stage.of({
    "rooms/hall.ts": `import { defineRoom } from "hotroom"; ${valibot}
      export default defineRoom({ sends: { said: v.string() }, messages: {
        broadcast: (room) => room.application.broadcast("news", 6), send: (room, user) => room.application.send(user, "news", 7) } });`,
    "app.ts": `import { defineApplication } from "hotroom"; ${valibot}\nexport default defineApplication({ ${definition} });`,
  });
  await stage.play(
    { kind: "open", data: { application: "game", version: "v1", seed: SEED } },
    directory({
      users: { add: [{ id: "u1", name: "ann" }] },
      rooms: { add: [{ name: "hall", type: "hall", users: 1, maxUsers: null, keep: true }] },
    }),
  );
  return stage;
}
