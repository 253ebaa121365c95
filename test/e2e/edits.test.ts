/** Who asks is told of edits, of scripts and of pages. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { connect } from "../../src/client/client.ts";
import { launch, noBrowser, openPage } from "./browser.ts";
import type { TestClient } from "./client.ts";
import { startServer, stopAll, type TestServer } from "./harness.ts";
import { PATIENCE } from "./patience.ts";
import { onEachRuntime } from "./runtimes.ts";

const match = (says: string) => `
import { defineRoom } from "hotroom";
import { wins } from "../lib/rules.ts";
export default defineRoom({
  state: () => ({ row: [] as number[] }),
  messages: {
    put(room, user, n: number) {
      room.state.row.push(n);
      room.broadcast("row", room.state.row);
      return "${says}" + wins(room.state.row);
    },
  },
});`;
const files = {
  "game/hotroom.json": `{ "rooms": "join" }`,
  "game/rooms/match.ts": match("first "),
  "game/lib/rules.ts": "export const wins = (row: number[]): boolean => row.length > 1;",
  "game/public/index.html": `<!doctype html><title>game</title><link rel="icon" href="data:,">
<output></output><button>Put</button><script type="module" src="main.ts"></script>`,
  "game/public/main.ts": `
import { connect } from "/client.js";
import type match from "../rooms/match.ts";
import { wins } from "../lib/rules.ts";
const client = await connect("/ws/game", { store: true });
client.on("edit", () => location.reload());
if (!client.user) await client.login({ name: "ann" });
const room = client.rooms.get("table") ?? (await client.join<typeof match>("table"));
const output = document.querySelector("output") as HTMLOutputElement;
const show = (row: number[]) => { output.textContent = "one: " + row.join() + (wins(row) ? " won" : ""); };
room.messages.on("row", (row) => show(row as number[]));
show([]);
(document.querySelector("button") as HTMLButtonElement).onclick = () => room.send("put", 7);`,
  "other/public/index.html": "",
};

const isEdit = ({ event }: { event: string }) => event === "edit";
const edit = (client: TestClient) => client.next(isEdit, "an edit");
const wish = (live: unknown) => ({ event: "edits", data: { live } });

onEachRuntime("edits", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files, args: ["--dev"] });
  });

  async function follower(application = "game"): Promise<TestClient> {
    const client = await server.connect(application);
    expect(await client.ok(wish(true))).toEqual({ live: true });
    return client;
  }

  test("[P28] who asks is told, without a login, until it is told no more", async () => {
    const client = await follower();
    const silent = await server.connect("game");
    const former = await follower();
    expect(await former.ok(wish(false))).toEqual({ live: false });
    const elsewhere = await follower("other");
    expect(await client.fails(wish("yes"))).toMatchObject({ code: "invalid_data" });
    expect(await client.fails({ event: "edits" })).toMatchObject({ code: "invalid_data" });
    server.write("game/public/new.css", "a {}");
    const told = await edit(client);
    expect(told).toEqual({ event: "edit", version: expect.stringMatching(/^v\d+·[0-9a-f]{6}$/) });
    for (const each of [silent, former, elsewhere]) {
      await each.ok({ event: "ping" });
      expect(each.frames(isEdit)).toEqual([]);
    }
  });

  test("[P29] an edit of pages makes no version and moves no room; one of scripts is told when the rooms have moved", async () => {
    const client = await follower();
    const ann = await server.user("game", "ann", "table");
    await ann.request({ event: "message", room: "table", type: "put", data: 1 });
    server.write("game/public/index.html", `${files["game/public/index.html"]}<p>more</p>`);
    const { version } = await edit(client);
    const versions = async () =>
      (await (await fetch(`${server.url}/api/applications/game/versions`)).json()).versions;
    expect(await versions()).toMatchObject([{ version, roomCount: 1, why: "new" }]);
    server.remove("game/public/new.css");
    expect(await edit(client)).toEqual({ event: "edit", version });
    server.write("game/rooms/match.ts", match("second "));
    const { version: second } = await edit(client);
    expect(second).not.toBe(version);
    const put = { event: "message", room: "table", type: "put", data: 2 };
    expect(await ann.ok(put)).toBe("second true");
    // What can't be loaded is no other version; that it is told of at all says the next one.
    server.write("game/rooms/match.ts", "let a: = 1;");
    await server.logged(/keeps running/);
    server.write("game/rooms/match.ts", match("third "));
    await edit(client);
    expect(await ann.ok(put)).toBe("third true");
    expect(client.frames(isEdit).map((frame) => frame.version)).toHaveLength(4);
  });

  test("[P28] the wish is no frame of the session", async () => {
    const client = await server.connect("game");
    const { session } = await client.ok({ event: "login", data: { name: "cid" } });
    await client.ok(wish(true));
    const reply = await client.request(wish(true));
    expect(reply.seq).toBeUndefined();
    await client.ok({ event: "join", room: "den" });
    client.drop();
    await client.closed;
    const back = await server.connect("game");
    expect(await back.ok({ event: "reconnect", data: { session, seen: 0 } })).toMatchObject({
      outcome: "resumed",
      received: 1,
    });
  });

  test("the SDK asks once somebody listens, and again when it is back", async () => {
    const client = await connect(`ws://127.0.0.1:${server.port}/ws/game`, {
      reconnect: { minDelay: 1, maxDelay: 50 },
    });
    await client.login({ name: "dot" });
    const next = () => new Promise<string>((resolve) => client.once("edit", (e) => resolve(e.version)));
    const asked: string[] = [];
    client.on("frame", (direction, frame) => {
      const text = String(frame);
      if (direction === "in" && text.includes('"live":true')) asked.push(text);
    });
    const live = () => new Promise<void>((resolve) => client.on("frame", () => asked.length && resolve()));
    let told = next();
    await live();
    server.write("game/public/a.css", "a {}");
    expect(await told).toMatch(/^v\d/);
    asked.length = 0;
    told = next();
    client.simulate.drop();
    await live();
    server.write("game/public/a.css", "a { color: red }");
    expect(await told).toMatch(/^v\d/);
    await client.close();
  });
});

test("[P28] a server that does not run with --dev tells nobody", async () => {
  const server = await startServer({ runtime: "bun", files });
  const client = await server.connect("game");
  expect(await client.ok(wish(true))).toEqual({ live: false });
  server.write("game/rooms/match.ts", match("other "));
  await server.logged(/Version live/);
  await client.ok({ event: "ping" });
  expect(client.frames(isEdit)).toEqual([]);
  await server.stop();
});

let browser: Browser;
afterAll(async () => {
  await browser?.close();
  await stopAll();
});

if (noBrowser) test.skip(`a page in a browser: skipped, ${noBrowser}`, () => {});
else
  test("a page plays in its room by the room's own rules, and loads itself again after an edit", async () => {
    browser = await launch();
    const server = await startServer({ runtime: "bun", files, args: ["--dev"] });
    const { page, complaints } = await openPage(browser, `${server.url}/apps/game`);
    const shows = (text: string) => page.locator("output", { hasText: text }).waitFor({ timeout: PATIENCE });
    await shows("one: ");
    await page.getByRole("button").click();
    await shows("one: 7");
    await page.getByRole("button").click();
    await shows("one: 7,7 won");
    await page.evaluate("window.before = true");
    server.write("game/public/main.ts", files["game/public/main.ts"].replace("one: ", "two: "));
    await shows("two: ");
    expect(await page.evaluate("window.before")).toBeUndefined();
    await page.evaluate("window.before = true");
    // The rules are the room's and the page's, and so is their edit; who played is there still, and the row too.
    server.write("game/lib/rules.ts", files["game/lib/rules.ts"].replace("> 1", "> 3"));
    await page.waitForFunction("!window.before", undefined, { timeout: PATIENCE });
    await shows("two: ");
    await page.getByRole("button").click();
    await shows("two: 7,7,7");
    await page.getByRole("button").click();
    await shows("two: 7,7,7,7 won");
    expect(complaints).toEqual([]);
  });
