/** Hostile edits of an application that runs: what the new version does on its way in hurts neither room nor neighbour. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { Victim, victimFiles } from "./victim.ts";

interface Edit {
  /** Keys and statements of the version that the edit makes. */
  readonly migrate?: string;
  readonly top?: string;
  /** Code that the running version does to its room before. */
  readonly before?: string;
  /** Whether the new version has to take over; it must not otherwise. */
  readonly takes?: boolean;
}

const source = (
  version: number,
  { migrate = "(state) => state", top = "", before = "" }: Edit = {},
) => `import { defineRoom } from "hotroom";
${top}
export default defineRoom({
  state: () => ({ count: 0 }),
  migrate: ${migrate},
  messages: {
    count: (room) => ++room.state.count,
    version: () => ${version},
    prepare(room) { ${before} },
    repair(room) { room.state = { count: room.state.count }; },
  },
});
`;

const unpolled = "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)";

const edits: Record<string, Edit> = {
  "migrate that never ends": { migrate: "() => { for (;;); }" },
  "migrate that never ends and is not polled": { migrate: `() => ${unpolled}` },
  "migrate that takes all memory": {
    migrate: "() => { const a = []; for (;;) a.push(new Array(10000).fill(1)); }",
  },
  "migrate that calls itself": { migrate: "() => { const f = () => f() + 1; f(); }" },
  "migrate that throws": { migrate: "() => { throw new Error('no'); }" },
  "migrate that throws a proxy": { migrate: "() => { throw new Proxy({}, { get() { for (;;); } }); }" },
  "migrate that spoils its argument and throws": {
    migrate: "(state) => { state.count = 1000; throw new Error('no'); }",
  },
  "migrate that gives null": { migrate: "() => null" },
  "migrate that gives a number": { migrate: "() => 5" },
  "migrate that gives a function": { migrate: "() => () => 1" },
  "migrate that gives a promise": { migrate: "async (state) => state" },
  "migrate that gives a thenable": { migrate: "(state) => ({ ...state, then() { for (;;); } })" },
  "migrate that gives a cycle": { migrate: "(state) => { state.self = state; return state; }" },
  "migrate that gives a big integer": { migrate: "(state) => ({ ...state, n: 1n })" },
  "migrate that gives a getter without end": { migrate: "(state) => ({ get count() { for (;;); } })" },
  "migrate that gives a __proto__": {
    migrate: `(state) => JSON.parse('{"__proto__":{"x":1},"count":' + state.count + '}')`,
    takes: true,
  },
  "migrate that pollutes": {
    migrate:
      "(state) => { Object.prototype.snapshot = { state: { count: 1000 } }; Object.prototype.from = 'v0'; return state; }",
    takes: true,
  },
  "a top level that never ends": { top: "for (;;);" },
  "a top level that never ends and is not polled": { top: `${unpolled};` },
  "a top level that takes all memory": { top: "const a = []; for (;;) a.push(new Array(10000).fill(1));" },
  "a top level that never comes": { top: "await new Promise(() => {});" },
  "a definition that never ends": { migrate: "(state) => state, get tick() { for (;;); }" },
  "a state that can't be written: a cycle": { before: "room.state.self = room.state;" },
  "a state that can't be written: a big integer": { before: "room.state.n = 1n;" },
  "a state that can't be written: a getter without end": {
    before: "Object.defineProperty(room.state, 'x', { enumerable: true, get() { for (;;); } });",
  },
  "a state that can't be written: toJSON that throws": {
    before: "room.state.toJSON = () => { throw new Error('no'); };",
  },
  "a state that is too large": { before: "room.state.junk = Array(100).fill('x'.repeat(64 * 1024));" },
};

onEachRuntime(
  "hostile edits",
  (runtime) => {
    let server: TestServer;
    let victim: Victim;
    const applicationOf = (name: string) => `e-${name.replace(/[^a-z]+/g, "-")}`;

    beforeAll(async () => {
      const files = Object.entries(edits).map(([name, { before = "" }]) => [
        `${applicationOf(name)}.ts`,
        source(1, { before }),
      ]);
      server = await startServer({
        runtime,
        files: { ...victimFiles, ...Object.fromEntries(files) },
        args: ["--hosts", "1", "--inbound-rate", "0"],
      });
      victim = await Victim.start(server);
      await victim.goesOn(20);
    });

    for (const [name, edit] of Object.entries(edits)) {
      test(name, async () => {
        victim.during = name;
        const application = applicationOf(name);
        const client = await server.user(application, "mallory", "r");
        expect(await client.ask("r", "count")).toBe(1);
        await client.ask("r", "prepare");
        const start = server.output().length;
        server.write(`${application}.ts`, source(2, edit));
        if (edit.takes)
          await until("the edit to be live", async () => (await client.ask("r", "version")) === 2);
        else await server.logged(new RegExp(`(WARN|ERROR) +${application}(/r)? v`), start);
        expect(await client.ask("r", "count")).toBe(2);
        if (!edit.takes) expect(await client.ask("r", "version")).toBe(1);
        // The way on is a sound edit, of a room that can be moved.
        await client.ask("r", "repair");
        server.write(`${application}.ts`, source(3));
        await until("the sound edit to be live", async () => (await client.ask("r", "version")) === 3);
        expect(await client.ask("r", "count")).toBe(3);
        expect(client.isOpen).toBe(true);
        expect(await victim.goesOn()).toEqual([]);
        client.close();
      });
    }

    test("the victims counted on through all of it", async () => {
      victim.during = "the end";
      const { sent, answered, seen, wrongs } = await victim.stop();
      expect(wrongs).toEqual([]);
      expect({ answered, seen }).toEqual({ answered: sent, seen: sent });
    });

    afterAll(() => {
      if (victim) console.log(victim.report());
    });
  },
  ["bun", "deno"],
);
