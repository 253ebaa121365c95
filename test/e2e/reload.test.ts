/** An edit goes live between two events, with the state, on the same socket. */
import { beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { examples, startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntimeAndExecutable } from "./runtimes.ts";

const example = (path: string) => readFileSync(join(examples, path), "utf8");
const match = ["app.ts", "hotroom.json", "lib/board.ts", "rooms/match.ts"].map((path) => `tictactoe/${path}`);

/** A room whose rule sits in another file, two imports away. */
const counter = (folder: string, step: number) => ({
  [`${folder}/hotroom.json`]: `{ "rooms": "join" }`,
  [`${folder}/rooms/hall.ts`]: `
    import { defineRoom } from "hotroom";
    import { step } from "../lib/rule.ts";
    export default defineRoom({
      state: () => ({ count: 0, seen: [] as number[] }),
      messages: {
        count(room) { room.state.count += step(); return room.state.count; },
        version: (room) => room.version,
        number(room, user, n: number) { room.state.seen.push(n); return room.version; },
        seen: (room) => room.state.seen,
      },
    });`,
  [`${folder}/lib/rule.ts`]: `export { step } from "./deep/step.ts";`,
  [`${folder}/lib/deep/step.ts`]: `export const step = () => ${step};`,
});

const versioned = (label: string, more = "") => `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    state: () => ({ label: "${label}", score: 1 }),
    messages: {
      label: () => "${label}",
      state: (room) => room.state,
      version: (room) => room.version,
    },
    ${more}
  });`;

onEachRuntimeAndExecutable("hot edits", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({
      runtime,
      args: ["--inbound-rate", "0"],
      files: {
        ...Object.fromEntries(match.map((path) => [path, example(path)])),
        ...counter("steps", 1),
        ...counter("broken", 1),
        ...counter("stream", 1),
        "moved.ts": versioned("one"),
        "halfway.ts": versioned("one"),
        "pinned/hotroom.json": `{ "rooms": "join", "reload": "pin" }`,
        "pinned/rooms/hall.ts": versioned("one"),
        "settings/hotroom.json": `{ "rooms": "server" }`,
        "settings/rooms/hall.ts": versioned("one"),
      },
    });
  });

  test("a game goes on with a new rule from lib/board.ts, on the same sockets, with the board as it was", async () => {
    const ann = await server.user("tictactoe", "ann");
    const bob = await server.user("tictactoe", "bob");
    await ann.ok({ event: "create", room: "final", data: { type: "match" } });
    await ann.ok({ event: "join", room: "final" });
    await bob.ok({ event: "join", room: "final" });
    await ann.message("started");
    // ann is X and moves first: two on the diagonal.
    for (const [player, cell] of [
      [ann, 0],
      [bob, 1],
      [ann, 4],
      [bob, 2],
    ] as const)
      await player.ask("final", "move", { cell });
    const before = await ann.ask("final", "board");

    // Diagonals count no longer.
    const source = example("tictactoe/lib/board.ts");
    const edited = source.replace(/\s*\[0, 4, 8\],\s*\[2, 4, 6\],/, "");
    expect(edited).not.toBe(source);
    const start = server.output().length;
    server.write("tictactoe/lib/board.ts", edited);
    await server.logged(/tictactoe.* v2·/, start);

    expect(await ann.ask("final", "board")).toEqual(before);
    await ann.ask("final", "move", { cell: 8 });
    await bob.settle();
    expect(ann.messages("over")).toEqual([]);
    expect(bob.messages("moved")).toHaveLength(5);
    await bob.ask("final", "move", { cell: 3 });
    await ann.ask("final", "move", { cell: 5 });
    await bob.ask("final", "move", { cell: 6 });
    await ann.ask("final", "move", { cell: 7 });
    expect((await bob.message("over")).data).toMatchObject({ winner: null, reason: "The board is full." });
    expect(ann.isOpen && bob.isOpen).toBe(true);
  });

  test("a changed file that is imported by an imported file is a new version", async () => {
    const ann = await server.user("steps", "ann", "hall");
    expect(await ann.ask("hall", "count")).toBe(1);
    const first = await ann.ask("hall", "version");
    server.write("steps/lib/deep/step.ts", "export const step = () => 10;");
    await until("the new version", async () => (await ann.ask("hall", "version")) !== first);
    expect(await ann.ask("hall", "version")).toMatch(/^v2·[0-9a-f]{6}$/);
    expect(await ann.ask("hall", "count")).toBe(11);
  });

  test.each([
    [
      "does not parse",
      "export const step = () => {;\n  return 2 +;\n};",
      /lib\/deep\/step\.ts:2:\d+/,
      /return 2 \+;/,
    ],
    [
      "does not link",
      `import { no } from "./none.ts";\nexport const step = () => no;`,
      /lib\/deep\/step\.ts:1:\d+/,
      /none\.ts/,
    ],
    [
      "throws at its top level",
      `const a = 1;\nthrow new Error("at the top");\nexport const step = () => a;`,
      /lib\/deep\/step\.ts:2:\d+/,
      /at the top/,
    ],
    ["never ends at its top level", "for (;;);\nexport const step = () => 1;", /step\.ts:1/, /./],
    [
      "uses an enum",
      "enum Step { one }\nexport const step = () => Step.one;",
      /lib\/deep\/step\.ts:1:\d+/,
      /enum/,
    ],
    [
      "leaves its folder",
      `import "../../../steps/lib/rule.ts";\nexport const step = () => 1;`,
      /lib\/deep\/step\.ts:1:\d+/,
      /outside|folder/,
    ],
  ])("an edit that %s leaves the old version running and says where", async (_, source, place, why) => {
    const ann = await server.user(
      "broken",
      `ann ${_}`
        .slice(0, 60)
        .replaceAll(/[^a-z ]/g, "x")
        .trim(),
      "hall",
    );
    const before = await ann.ask("hall", "count");
    const start = server.output().length;
    server.write("broken/lib/deep/step.ts", source);
    await server.logged(place, start);
    await server.logged(why, start);
    expect(await ann.ask("hall", "count")).toBe(before + 1);
    server.write("broken/lib/deep/step.ts", "export const step = () => 1;");
    expect(await ann.ask("hall", "count")).toBe(before + 2);
    ann.close();
  });

  test("a broken edit shows the source line with a caret, and mending it goes live", async () => {
    const ann = await server.user("halfway", "ann", "hall");
    const start = server.output().length;
    server.write("halfway.ts", versioned("two").replace('label: () => "two",', 'label: () => "two" 2,'));
    await server.logged(/halfway\.ts:6:\d+/, start);
    await server.logged(/6 \| +label: \(\) => "two/, start);
    await server.logged(/^ +\^/m, start);
    expect(await ann.ask("hall", "label")).toBe("one");
    server.write("halfway.ts", versioned("two"));
    await until("the mended version", async () => (await ann.ask("hall", "label")) === "two");
    expect(await ann.ask("hall", "state")).toEqual({ label: "one", score: 1 });
  });

  test("migrate carries the state over, once, and tells from which version", async () => {
    const ann = await server.user("moved", "ann", "hall");
    const first = await ann.ask("hall", "version");
    server.write(
      "moved.ts",
      versioned("two", `migrate: (state: any, from) => ({ label: "from " + from, score: state.score * 2 }),`),
    );
    await until("version two", async () => (await ann.ask("hall", "label")) === "two");
    expect(await ann.ask("hall", "state")).toEqual({ label: `from ${first}`, score: 2 });

    // One that throws leaves the room where it was.
    const start = server.output().length;
    server.write("moved.ts", versioned("three", `migrate() { throw new Error("can't migrate"); },`));
    await server.logged(/can't migrate/, start);
    expect(await ann.ask("hall", "label")).toBe("two");
    expect(await ann.ask("hall", "state")).toEqual({ label: `from ${first}`, score: 2 });

    server.write("moved.ts", versioned("four"));
    await until("version four", async () => (await ann.ask("hall", "label")) === "four");
    expect(ann.isOpen).toBe(true);
  });

  test("[P5] no event is lost, repeated or reordered by edits", async () => {
    const ann = await server.user("stream", "ann", "hall");
    const versions = new Set<string>();
    let sent = 0;
    for (let edit = 2; edit <= 6; edit++) {
      server.write("stream/lib/deep/step.ts", `export const step = () => ${edit};`);
      // Numbers keep coming while the edit takes place.
      await until(`version ${edit} to answer`, async () => {
        const replies = await Promise.all(
          Array.from({ length: 20 }, () => ann.ask("hall", "number", sent++)),
        );
        for (const version of replies) versions.add(version);
        return replies.at(-1)?.startsWith(`v${edit}·`);
      });
    }
    expect(await ann.ask("hall", "seen")).toEqual(Array.from({ length: sent }, (_, index) => index));
    expect([...versions].map((version) => version.split("·")[0])).toEqual([
      "v1",
      "v2",
      "v3",
      "v4",
      "v5",
      "v6",
    ]);
    expect(ann.isOpen).toBe(true);
  });

  test("with pin rooms keep their version until they close, new rooms get the new one", async () => {
    const ann = await server.user("pinned", "ann", "old");
    const start = server.output().length;
    server.write("pinned/rooms/hall.ts", versioned("two"));
    await server.logged(/pinned.* v2·/, start);
    await ann.ok({ event: "join", room: "new" });
    expect(await ann.ask("new", "label")).toBe("two");
    expect(await ann.ask("old", "label")).toBe("one");
  });

  test("settings and new room types go live too", async () => {
    const ann = await server.user("settings", "ann");
    expect((await ann.fails({ event: "create", room: "x", data: { type: "hall" } })).code).toBe(
      "not_allowed",
    );
    server.write("settings/hotroom.json", `{ "rooms": "client" }`);
    await until(
      "the policy",
      async () => (await ann.request({ event: "create", room: "x", data: { type: "hall" } })).ok,
    );
    server.write("settings/rooms/cellar.ts", versioned("cellar"));
    await until(
      "the type",
      async () => (await ann.request({ event: "create", room: "y", data: { type: "cellar" } })).ok,
    );
    await ann.ok({ event: "join", room: "y" });
    expect(await ann.ask("y", "label")).toBe("cellar");
    // A key that is not there is named, and the settings before it stay.
    const start = server.output().length;
    server.write("settings/hotroom.json", `{ "rooms": "client", "limits": { "cpu": 1 } }`);
    await server.logged(/hotroom\.json.*limits\.cpu|limits\.cpu.*hotroom\.json/, start);
    expect(await ann.ask("y", "label")).toBe("cellar");
  });
});
