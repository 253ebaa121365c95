/** What the console is told as it happens, from a real server. */
import { beforeAll, expect, test } from "bun:test";
import { startServer, type TestServer, until } from "./harness.ts";
import { LiveReader } from "./live_reader.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "fx/app.ts": `
import { defineApplication } from "hotroom";
export default defineApplication({
  events: {
    init(app) {
      for (const name of ["Attic", "hall", "cellar"])
        app.createRoom(name, { type: name === "hall" ? "big" : "small", keep: true });
    },
  },
});`,
  "fx/rooms/small.ts": `
import { defineRoom } from "hotroom";
export default defineRoom({});`,
  "fx/rooms/big.ts": `
import { defineRoom } from "hotroom";
export default defineRoom({ maxUsers: 9, messages: { fail() { throw new Error("no"); } } });`,
};

onEachRuntime("the console's streams", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files });
  });
  const live = (query: string) => LiveReader.open(`${server.url}/api/applications/fx/live?${query}`);

  test("tell of a table of rooms whole, and then what changes", async () => {
    const ann = await server.user("fx", "ann", "hall");
    const reader = await live("sort=name");
    const first = await reader.next("rooms");
    expect(first).toMatchObject({
      total: 3,
      matching: 3,
      types: { big: 1, small: 2 },
      order: ["Attic", "cellar", "hall"],
    });
    const { version } = await reader.next("application");
    expect(first.versions).toEqual({ [version]: 3 });
    expect(reader.rows.get("hall")).toMatchObject({
      type: "big",
      users: 1,
      maxUsers: 9,
      why: "new",
      failures: 0,
    });
    await ann.request({ event: "message", room: "hall", type: "fail" });
    const next = await reader.next("rooms", ({ changed }) =>
      changed?.some((row: { failures?: number }) => row.failures === 1),
    );
    expect(next.order).toBeUndefined();
    expect(next.changed.map((row: { type?: string }) => row.type)).not.toContain("big");
    ann.close();
    await reader.next("rooms", ({ changed }) => changed?.some((row: { users?: number }) => row.users === 0));
    reader.close();
  });

  test("tell of the rooms that are looked for, in the order that is asked for, page by page", async () => {
    const names = async (query: string) => {
      const reader = await live(query);
      const { order, matching } = await reader.next("rooms");
      reader.close();
      return [matching, ...order];
    };
    expect(await names("search=AT")).toEqual([1, "Attic"]);
    expect(await names("type=small&sort=name&order=desc")).toEqual([2, "cellar", "Attic"]);
    expect(await names("sort=created&offset=1&limit=1")).toEqual([3, "hall"]);
    expect(await names("why=pinned")).toEqual([0]);
    const ann = await server.user("fx", "ann", "cellar");
    expect(await names("sort=users&order=desc&limit=1")).toEqual([3, "cellar"]);
    for (const query of ["sort=nothing", "limit=201", "offset=x", "why=maybe"])
      expect((await live(query).catch(String)).toString()).toContain("400");
    ann.close();
  });

  test("tell of one room and who is in it, until it is gone", async () => {
    const ann = await server.user("fx", "ann", "hall");
    const reader = await live("rooms=0&room=hall");
    expect(await reader.next("room")).toMatchObject({ name: "hall", userCount: 1, users: [{ name: "ann" }] });
    await fetch(`${server.url}/api/applications/fx/rooms/hall`, { method: "DELETE" });
    await reader.next("room", ({ gone }) => gone === true);
    reader.close();
    ann.close();
  });

  test("tell of the server and its applications as they come and go; they end with what they tell of", async () => {
    const all = await LiveReader.open(`${server.url}/api/live`);
    expect(await all.next("server")).toMatchObject({ runtime, state: "ready" });
    expect((await all.next("applications")).order).toEqual(["fx"]);
    server.write("later.ts", files["fx/rooms/small.ts"]);
    await all.next("applications", ({ order }) => order?.includes("later"));
    const reader = await LiveReader.open(`${server.url}/api/applications/later/live`);
    server.remove("later.ts");
    expect(await reader.next("end")).toEqual({ reason: "application removed" });
    await until("the end", () => reader.ended);
    all.close();
  });

  test("tell of what is logged, with its place, and of what was logged before", async () => {
    server.write(
      "noisy.ts",
      `
import { defineRoom } from "hotroom";
export default defineRoom({
  messages: {
    say(room, user, text: string) { console.log(text); },
    fail() { throw new Error("no"); },
  },
});`,
    );
    const ann = await until("the application", () => server.user("noisy", "ann", "hall"));
    const path = `${server.url}/api/applications/noisy/live?rooms=0`;
    await ann.ok({ event: "message", room: "hall", type: "say", data: "before" });
    const reader = await LiveReader.open(`${path}&logs=0`);
    const has = (text: string) => (data: { lines: { text: string }[] }) =>
      data.lines.some((line) => line.text.includes(text));
    expect((await reader.next("logs", has("before"))).lines).toMatchObject([
      { level: "info", text: "Application started." },
      { level: "info", text: "before", room: "hall", version: expect.stringContaining("v1·") },
    ]);
    await ann.request({ event: "message", room: "hall", type: "fail" });
    const failed = (await reader.next("logs", has("failed"))).lines[0];
    expect(failed).toMatchObject({ level: "error", position: { file: "noisy.ts", line: 6 } });
    const errors = await LiveReader.open(`${path}&logs=0&level=error&logRoom=hall`);
    expect((await errors.next("logs")).lines).toEqual([failed]);
    for (const each of [reader, errors]) each.close();
    ann.close();
    server.remove("noisy.ts");
  });

  test("are as many as may be, and make room when their readers go", async () => {
    const readers: LiveReader[] = [];
    let refused = "";
    // Who asks for the head alone takes no place.
    for (let each = 0; each < 40; each++) {
      const { status } = await fetch(`${server.url}/api/applications/fx/live`, { method: "HEAD" });
      expect(status).toBe(200);
    }
    while (refused === "" && readers.length < 40)
      await live("").then(
        (reader) => {
          readers.push(reader);
        },
        (error) => {
          refused = String(error);
        },
      );
    expect(refused).toContain("429");
    expect(readers.length).toBeGreaterThan(20);
    for (const reader of readers) reader.close();
    await until("room for one more", async () => (await live("")).close() === undefined);
  });
});
