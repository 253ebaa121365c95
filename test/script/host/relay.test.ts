import { expect, test } from "bun:test";
import type { RelayEntry } from "../../../src/core/ports/build.ts";
import { loadRequest, message, Stage } from "./stage.ts";

/** Loads a room with such messages, written in the second line, and returns its relays, or why it is refused and where. */
async function load(messages: string, define = "defineRoom"): Promise<RelayEntry[] | string> {
  const source = `import { defineApplication, defineRoom, relay } from "hotroom";\nexport default ${define}({ ${messages} });`;
  const files: Record<string, string> =
    define === "defineRoom" ? { "rooms/m.ts": source } : { "app.ts": source };
  const changes = define === "defineRoom" ? {} : { extension: "app.ts", rooms: [] };
  const loaded = await new Stage().load(loadRequest(files, changes));
  if (!loaded.ok) return `${loaded.position?.line}: ${loaded.message}`;
  return [...(loaded.rooms[0]?.[1].relays ?? [])];
}

test("the server learns of relays, with what they have where nothing is said", async () => {
  const relays = await load(`messages: {
    a: relay(), b: relay({ to: "all", volatile: true, rate: 1.5, maxBytes: 1048576 }), c() {}, d: relay({ rate: undefined }) }`);
  const usual = { to: "others", isVolatile: false, rate: 30, maxBytes: 512 };
  expect(relays).toEqual([
    { type: "a", ...usual } as RelayEntry,
    { type: "b", to: "all", isVolatile: true, rate: 1.5, maxBytes: 1048576 },
    { type: "d", ...usual } as RelayEntry,
  ]);
  expect(await load("messages: { c() {} }")).toEqual([]);
});

test("what no relay has is refused where it stands", async () => {
  const wrong: Record<string, string> = {
    "{ to: 'some' }": 'relay: to must be "others" or "all", not "some"',
    "{ volatile: 1 }": "relay: volatile must be a boolean, not 1",
    "{ rate: 0 }": "relay: rate must be a number from 1 to 10000, not 0",
    "{ rate: Infinity }": "relay: rate must be a number from 1 to 10000, not Infinity",
    "{ rate: NaN }": "relay: rate must be a number from 1 to 10000, not NaN",
    "{ rate: '30' }": 'relay: rate must be a number from 1 to 10000, not "30"',
    "{ maxBytes: 1.5 }": "relay: maxBytes must be a whole number from 1 to 1048576, not 1.5",
    "{ maxBytes: 2 ** 31 }": "relay: maxBytes must be a whole number from 1 to 1048576, not 2147483648",
    "{ limit: 3 }": 'relay: unknown key "limit"; there is to, volatile, rate, maxBytes',
    "{ schema: {} }": 'relay: unknown key "schema" (nobody looks into what is passed on)',
    "[]": "relay: the options must be an object, not an array",
    null: "relay: the options must be an object, not null",
  };
  for (const [options, why] of Object.entries(wrong))
    expect(await load(`messages: { a: relay(${options}) }`)).toStartWith(`2: TypeError: ${why}`);
  expect(await load("messages: { a: relay }")).toContain(
    "messages.a is the function relay: call it, relay()",
  );
  expect(await load("messages: { a: { handle: relay() } }")).toContain(
    "messages.a.handle must be a function",
  );
});

test("only the messages of a room are passed on", async () => {
  const only = "is a relay, which only the messages of a room may be";
  expect(await load("messages: { a: relay() }", "defineApplication")).toContain(
    `defineApplication: messages.a ${only}`,
  );
  expect(await load("emits: { a: relay() }")).toContain(`defineRoom: emits.a ${only}`);
  expect(await load("events: { join: relay() }")).toContain(`defineRoom: events.join ${only}`);
});

test("relays are bounded in number", async () => {
  const many = (count: number) =>
    load(`messages: Object.fromEntries(Array.from({ length: ${count} }, (_, n) => ["t" + n, relay()]))`);
  expect(await many(64)).toHaveLength(64);
  expect(await many(65)).toContain("defineRoom: messages may have 64 relays, not 65");
  expect(await many(20_000)).toContain("not 20000");
});

test("a script that changes what it has given changes nothing, and can't make a relay by itself", async () => {
  const changing = `messages: (() => { const options = { rate: 5 }; const made = relay(options); options.rate = 9999;
    try { made.rate = 7; Object.defineProperty(made, "x", { value: 1 }); } catch {}
    String.prototype.concat = Array.prototype.join = JSON.stringify = () => '{"type":"x"}';
    Object.prototype.maxBytes = 7;
    return { a: made }; })()`;
  expect(await load(changing)).toMatchObject([{ type: "a", rate: 5, maxBytes: 512 }]);
  expect(await load(`messages: { a: Object.create(relay()) }`)).toContain("must be a function");
  expect(await load(`messages: { a: new (relay().constructor)("}") }`)).toContain("TypeError");
});

test("a message of a relay's type that is with the script all the same has no handler, not even the catch-all", async () => {
  const stage = await Stage.room(
    "messages: { cursor: relay() }, events: { message: () => 1 }",
    {},
    'import { relay } from "hotroom";',
  );
  const [cursor, other] = await stage.play(message("cursor"), message("other"));
  expect(cursor?.status).toBe("no_handler");
  expect(other?.value).toBe(1);
});
