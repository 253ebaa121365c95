/** What the console is told of edits, from a real server. */
import { beforeAll, expect, test } from "bun:test";
import { startServer, type TestServer } from "./harness.ts";
import { LiveReader } from "./live_reader.ts";
import { onEachRuntime } from "./runtimes.ts";

const counter = (step: string) => `
import { defineRoom } from "hotroom";
export default defineRoom({
  state: () => ({ sum: 0 }),
  messages: { add(room) { room.state.sum += ${step}; return room.state.sum; } },
});`;

onEachRuntime("the feed of edits", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files: { "fx.ts": counter("1"), "fx.public/index.html": "one" } });
  });

  test("tells of an edit step by step, what is wrong with one, and of ways back, live and afterwards", async () => {
    const ann = await server.user("fx", "ann", "hall");
    const live = await LiveReader.open(`${server.url}/api/applications/fx/live?feed=0&rooms=0`);
    const kinds: string[] = [];
    const step = async (kind: string) => {
      for (;;) {
        const { entries } = await live.next("feed");
        kinds.push(...entries.map((entry: { kind: string }) => entry.kind));
        const found = entries.findLast((entry: { kind: string }) => entry.kind === kind);
        if (found) return found;
      }
    };
    const { version: first } = await step("started");
    expect(kinds).toEqual(["found", "built", "started"]);

    server.write("fx.ts", counter("2"));
    const moved = await step("moved");
    expect(moved).toMatchObject({ from: first, rooms: 1, kept: 0, ms: expect.any(Number) });
    expect(kinds.slice(3)).toEqual(["saved", "built", "moved"]);

    server.write("fx.ts", counter(";"));
    expect(await step("failed")).toMatchObject({
      error: {
        position: { file: "fx.ts", line: 5 },
        sourceLine: expect.stringContaining("sum += ;"),
      },
    });

    server.write("fx.ts", counter("room.nothing.here"));
    const broken = await step("moved");
    await ann.ok({ event: "message", room: "hall", type: "add" });
    expect(await step("quarantined")).toMatchObject({ version: broken.version });
    expect(kinds.slice(-3)).toEqual(["room_rolled_back", "rolled_back", "quarantined"]);

    const url = `${server.url}/api/applications/fx`;
    const json = { "content-type": "application/json" };
    await fetch(`${url}/rollback`, {
      method: "POST",
      headers: json,
      body: JSON.stringify({ version: first }),
    });
    expect(await step("by_hand")).toMatchObject({ version: first, from: moved.version, rooms: 1 });
    await fetch(`${url}/rehearse`, {
      method: "POST",
      headers: json,
      body: JSON.stringify({ version: moved.version }),
    });
    expect(await step("rehearsed")).toMatchObject({ version: moved.version, tried: 1, failed: 0 });
    await fetch(`${url}/reload`, { method: "PUT", headers: json, body: JSON.stringify({ policy: "pin" }) });
    expect(await step("policy")).toMatchObject({ policy: "pin" });
    server.write("fx.ts", counter("3"));
    await step("pinned");

    const kept = await (await fetch(`${url}/feed`)).json();
    expect(kept.entries.map((entry: { kind: string }) => entry.kind)).toEqual(kinds);
    const rest = await (await fetch(`${url}/feed?after=${kept.next - 1}`)).json();
    expect(rest.entries.map((entry: { kind: string }) => entry.kind)).toEqual(["pinned"]);
    live.close();
    ann.close();
  });

  test("tells which pages were edited or are gone, in the log too, and makes no version of that", async () => {
    const url = `${server.url}/api/applications/fx`;
    const { next } = await (await fetch(`${url}/feed`)).json();
    const live = await LiveReader.open(`${url}/live?feed=${next}&rooms=0`);
    server.write("fx.public/index.html", "another");
    const [saved] = (await live.next("feed")).entries;
    expect(saved).toEqual({
      id: next + 1,
      at: expect.any(Number),
      application: "fx",
      kind: "pages",
      files: ["public/index.html"],
      gone: [],
    });
    server.remove("fx.public/index.html");
    expect((await live.next("feed")).entries).toMatchObject([
      { kind: "pages", files: [], gone: ["public/index.html"] },
    ]);
    await server.logged(/INFO +fx Pages changed: public\/index\.html\./);
    await server.logged(/INFO +fx Pages gone: public\/index\.html\./);
    live.close();
  });
});
