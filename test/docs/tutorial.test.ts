/** Who follows docs/TUTORIAL.md, step by step on one server, sees what it says; one of the players uses the page, in a browser. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { type Client, connect, type Room } from "../../src/client/client.ts";
import { writeTypes } from "../../src/source/editor/editor_types.ts";
import { launch, noBrowser, openPage } from "../e2e/browser.ts";
import { runCommand, stopAll, until } from "../e2e/harness.ts";
import { Restartable } from "../e2e/restartable.ts";
import { snippetsOf } from "./snippets.ts";

setDefaultTimeout(60_000);
const document = "docs/TUTORIAL.md";
const root = join(import.meta.dir, "../..");
const text = readFileSync(join(root, document), "utf8");
const snippets = snippetsOf(document);
const files = new Map<string, string>();
const server = new Restartable("bun", {}, ["--dev"]);
let browser: Browser | undefined;
let page: Page | undefined;
let bob: Client;
let room: Room;

/** The sides of an edit that is shown as the lines that go and the lines that come. */
function sides(edit: string): [before: string, after: string] {
  const lines = edit.trimEnd().split("\n");
  const of = (marks: string) =>
    lines
      .filter((line) => marks.includes(line.charAt(0)))
      .map((line) => line.slice(1))
      .join("\n");
  return [of(" -"), of(" +")];
}

/** Does what a step shows: makes its files, changes those that it changes, each saved once. */
function follow(step: number): void {
  const from = text.slice(0, text.indexOf(`\n## ${step}. `)).split("\n").length;
  const to = text.slice(0, text.indexOf("\n## ", text.indexOf(`\n## ${step}. `) + 1)).split("\n").length;
  const shown = snippets.filter(
    ({ line, name }) => line > from && line < to && name.startsWith("extensions/"),
  );
  const changed = new Set<string>();
  for (const { language, name, text: body, line } of shown) {
    const path = name.slice("extensions/".length);
    changed.add(path);
    if (language !== "diff") {
      files.set(path, body);
      continue;
    }
    const [before, after] = sides(body);
    const parts = (files.get(path) ?? "").split(before);
    if (parts.length !== 2) throw new Error(`What line ${line} changes is there ${parts.length - 1} times.`);
    files.set(path, parts.join(after));
  }
  expect(changed.size).toBeGreaterThan(0);
  for (const path of changed) server.server.write(path, files.get(path) ?? "");
}

/** Waits until the game runs in its n-th version. */
async function version(n: number): Promise<void> {
  await until(`version ${n}`, async () => {
    const { applications } = await (await server.server.fetch("/api/applications")).json();
    const gold = applications.find(({ name }: { name: string }) => name === "gold");
    return gold?.version?.startsWith(`v${n}·`);
  });
}

/** Follows a step that is an edit; resolves with where the second player is after a step to the right, in the new version. */
async function edit(step: number, n: number) {
  follow(step);
  await version(n);
  return room.request("move", "right");
}

async function shows(what: RegExp): Promise<void> {
  await until(
    `${what} on the page`,
    async () => page === undefined || what.test((await page.textContent("body")) ?? ""),
  );
}

const state = async () =>
  (await (await server.server.fetch("/api/applications/gold/rooms/meadow/state")).json()).state;

/** Has the second player walk to where the gold is. */
async function getGold(): Promise<void> {
  const before = (await state()).players.bob.points;
  for (let n = 0; n < 100; n++) {
    const { gold, players } = await state();
    const [x, y] = [gold.x - players.bob.x, gold.y - players.bob.y];
    const aside = players.bob.x > 0 ? "left" : "right";
    const direction = x !== 0 ? (x < 0 ? "left" : "right") : y !== 0 ? (y < 0 ? "up" : "down") : aside;
    const { points } = await room.request("move", direction);
    if (points > before) return;
  }
  throw new Error("A hundred steps did not lead to the gold.");
}

beforeAll(async () => {
  await server.start();
  if (noBrowser) console.warn(`The page of ${document} is not tried: ${noBrowser}.`);
  else browser = await launch();
});

afterAll(async () => {
  await bob?.close();
  await browser?.close();
  await stopAll();
});

describe(document, () => {
  let points = 0;

  test("2, 3: a room and a page, and two play", async () => {
    follow(2);
    follow(3);
    await version(1);
    const address = `http://127.0.0.1:${server.port}/apps/gold/`;
    if (browser) {
      ({ page } = await openPage(browser, address));
      await page.fill("input", "ann");
      await page.click("button");
      await shows(/ann: 0/);
    }
    bob = await connect(`${server.url}/ws/gold`);
    await bob.login({ name: "bob" });
    room = await bob.join("meadow");
    await getGold();
    await shows(/bob: 1\b/);
    await page?.keyboard.press("ArrowLeft");
    points = 1;
  });

  test("4: a line is changed while they play, and nobody loses anything", async () => {
    await edit(4, 2);
    const before = (await state()).players.bob.points;
    expect(before).toBeGreaterThanOrEqual(points);
    await getGold();
    points = (await state()).players.bob.points;
    expect(points).toBe(before + 10);
    await shows(new RegExp(`bob: ${points}\\b`));
    expect(room.ended).toBeUndefined();
  });

  test("4: a broken edit is told with its place, and the game goes on", async () => {
    const whole = files.get("gold.ts") ?? "";
    const from = server.server.output().length;
    server.server.write("gold.ts", whole.replace("defineRoom({", "defineRoom("));
    await server.server.logged(/gold\.ts:\d+:\d+/, from);
    await room.request("move", "left");
    server.server.write("gold.ts", whole);
  });

  test("5: the state gets another shape", async () => {
    const { look } = (await edit(5, 3)) as { look: string };
    expect(look).toMatch(/^\p{Extended_Pictographic}$/u);
    expect((await state()).players.bob.points).toBeGreaterThanOrEqual(points);
    await shows(/[🐸🦊🐼🐷🐵🦁] ann/u);
  });

  test("6: nonsense fails, first as an error of the script, then by a schema", async () => {
    const sideways = () => room.request("move", "sideways").catch(({ code }) => code);
    expect(await sideways()).toBe("handler_failed");
    await edit(6, 4);
    expect(await sideways()).toBe("invalid_data");
  });

  test("7: the ghost comes to the players", async () => {
    await edit(7, 5);
    await until("the ghost to be with somebody", async () => {
      const { ghost, players } = await state();
      return Object.values(players).some((player) => {
        const { x, y } = player as { x: number; y: number };
        return x === ghost.x && y === ghost.y;
      });
    });
    await shows(/👻/u);
  });

  test("8: a connection is lost, and the page comes back", async () => {
    await edit(8, 6);
    if (page === undefined) return;
    await page.evaluate("client.simulate.drop()");
    await shows(/Back again: resumed\./);
  });

  test("9: the server is killed, and all of it is there again", async () => {
    await edit(9, 7);
    const before = await state();
    await server.restart();
    await until("the second player to be back", () => bob.state === "online");
    const { players } = await state();
    expect(Object.keys(players)).toEqual(Object.keys(before.players));
    await room.request("move", "left");
    await shows(/Back again/);
  });

  test("10: its test passes", () => {
    follow(10);
    const { status, output } = runCommand("bun", ["test", "gold", "--extensions", server.server.folder]);
    expect(output).toContain("2 passed, 0 failed");
    expect(status).toBe(0);
  });

  test("it shows the whole file as it has become, and that type-checks in an editor's eyes", async () => {
    const shown = snippets.findLast(({ name }) => name === "extensions/gold.ts")?.text;
    expect(shown).toBe(files.get("gold.ts"));
    const { folder } = server.server;
    await writeTypes(folder);
    writeFileSync(join(folder, "gold.test.ts"), files.get("gold.test.ts") ?? "");
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const { stdout, status } = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
    expect([stdout, status]).toEqual(["", 0]);
  });
});
