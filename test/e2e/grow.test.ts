/** An application in one file becomes a folder, while it runs. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, runCommand, startServer, stopAll } from "./harness.ts";

setDefaultTimeout(60_000);
afterAll(stopAll);

const count = `
import { defineRoom } from "hotroom";
export default defineRoom({ state: () => ({ n: 0 }), messages: { next: (room) => ++room.state.n } });`;
const grow = (extensions: string, name: string) =>
  runCommand("bun", ["grow", name, "--extensions", extensions]);

test("its rooms, their members and its pages are there as before, and so is who may make rooms", async () => {
  const server = await startServer({
    runtime: "bun",
    files: { "chat.ts": count, "chat.test.ts": "// a test", "chat.public/index.html": "page" },
  });
  const ann = await server.user("chat", "ann", "hall");
  const next = { event: "message", room: "hall", type: "next" };
  expect(await ann.ok(next)).toBe(1);
  const { status, output } = grow(server.folder, "chat");
  expect(output).toContain("chat/rooms/chat.ts, chat/rooms/chat.test.ts, chat/public, chat/hotroom.json");
  expect(status).toBe(0);
  await server.logged(/Version live: 1 room moved/);
  expect(await ann.ok(next)).toBe(2);
  await ann.ok({ event: "join", room: "made by joining" });
  expect(await (await fetch(`${server.url}/apps/chat/`)).text()).toBe("page");
  expect(readdirSync(server.folder)).toEqual(["chat"]);
  expect(readFileSync(join(server.folder, "chat/rooms/chat.ts"), "utf8")).toBe(count);
  expect(server.output()).not.toMatch(/Application removed/);
  expect(runCommand("bun", ["check", "--extensions", server.folder])).toMatchObject({
    status: 0,
    stdout: "chat: ok (room chat, pages)\n",
  });
});

test("without pages it gets a folder for them; JavaScript stays what it is", () => {
  const folder = makeFolder({ "chat.js": count });
  expect(grow(folder, "chat").status).toBe(0);
  expect(readdirSync(join(folder, "chat")).sort()).toEqual(["hotroom.json", "public", "rooms"]);
  expect(readdirSync(join(folder, "chat/rooms"))).toEqual(["chat.js"]);
});

test("what names the script at its old place is led to the new one, or told", () => {
  const folder = makeFolder({
    "chat.ts": count,
    "chat.test.ts": `await stage.edit({ "chat.ts": "" });`,
    "chat.public/tsconfig.json": `{ "extends": "../.hotroom/pages.json", "include": ["."] }`,
    "chat.public/main.ts": `import type chat from "../chat.ts";`,
    "chat.public/other.ts": `import { connect } from "/client.js";`,
  });
  const { stdout, status } = grow(folder, "chat");
  expect(status).toBe(0);
  expect(stdout.split("\n").slice(1)).toEqual([
    `chat/public/main.ts still says "../chat.ts": that is "../rooms/chat.ts" now.`,
    `chat/rooms/chat.test.ts still says "chat.ts": that is "rooms/chat.ts" now.`,
    "",
  ]);
  const { extends: types } = JSON.parse(readFileSync(join(folder, "chat/public/tsconfig.json"), "utf8"));
  expect(types).toBe("../../.hotroom/pages.json");
});

test("settings that its script exports become its settings file", () => {
  const exporting = `export const settings = { emptyGrace: 5, limits: { message: 4096 } };`;
  const folder = makeFolder({ "chat.ts": exporting + count });
  const { output } = grow(folder, "chat");
  expect(output).toContain("Its settings are in chat/hotroom.json now: delete those that chat/rooms/chat.ts");
  expect(JSON.parse(readFileSync(join(folder, "chat/hotroom.json"), "utf8"))).toEqual({
    rooms: "join",
    emptyGrace: 5,
    limits: { message: 4096 },
  });
  const computed = makeFolder({ "chat.ts": `export const settings = { emptyGrace: 5 * 60 };${count}` });
  expect(grow(computed, "chat").output).toContain(`Cannot grow "chat": Cannot read the settings`);
  expect(readdirSync(computed)).toEqual(["chat.ts"]);
});

test("what can't grow says why, and stays as it is", () => {
  const folder = makeFolder({ "chat.ts": count, "chat/app.ts": count, "two.ts": "", "two.js": "" });
  mkdirSync(join(folder, "lone"));
  symlinkSync("chat.ts", join(folder, "linked.ts"));
  const before = readdirSync(folder).sort();
  const { output, status } = grow(folder, "chat");
  expect(output).toContain(`Cannot grow "chat": ${join(folder, "chat")} is there already.`);
  expect(status).toBe(1);
  expect(grow(folder, "lone").output).toContain(`${join(folder, "lone")} is a folder already.`);
  expect(grow(folder, "none").output).toContain(`Cannot grow "none": there is no none.ts in ${folder}.`);
  expect(grow(folder, "two").output).toContain(`Cannot grow "two": there are both two.ts and two.js.`);
  expect(grow(folder, "linked").output).toContain("linked.ts is a link");
  expect(grow(folder, "../chat").output).toContain(`Cannot grow "../chat": it `);
  expect(readdirSync(folder).sort()).toEqual(before);
  expect(existsSync(join(folder, "chat/rooms"))).toBe(false);
});
