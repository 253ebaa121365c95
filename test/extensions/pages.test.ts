/** The examples' pages, played in a real browser by those who would play them. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync, cpSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { CuttingProxy } from "../client/cutting_proxy.ts";
import { launch, noBrowser } from "../e2e/browser.ts";
import { examples, makeFolder, startServer, type TestServer } from "../e2e/harness.ts";
import { PATIENCE } from "../e2e/patience.ts";

const KEY = "the key of the moderators";

let browser: Browser;
let server: TestServer;
const complaints: string[] = [];

beforeAll(async () => {
  if (noBrowser) return;
  [browser, server] = await Promise.all([
    launch(),
    startServer({
      extensions: examples,
      args: ["--data", makeFolder()],
      runtime: "bun",
      env: { CHAT_MODERATOR_KEY: KEY },
    }),
  ]);
});
afterAll(() => browser?.close());

/** A page of an application as somebody opens it, by a network of their own where one is given. */
async function open(application: string, network?: CuttingProxy): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on("pageerror", (error) => complaints.push(`${application}: ${error}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${application}: ${message.text()}`);
  });
  const address = `${server.url}/apps/${application}/`;
  await page.goto(network ? network.url(address) : address);
  return page;
}

/** Fills in the form by which one comes in, and waits until one is in. */
async function enter(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.fill(`#login [name=${name}]`, value);
  await page.click("#login button");
  await page.locator("#login").waitFor({ state: "hidden" });
}

/** Takes the network away, and gives it back when the others have seen that. */
async function lost(network: CuttingProxy, seen: () => Promise<unknown>): Promise<void> {
  network.isUp = false;
  network.cut("rst");
  await seen();
  network.isUp = true;
}

function played(title: string, play: () => Promise<void>): void {
  test.skipIf(noBrowser !== undefined)(title, async () => {
    complaints.length = 0;
    await play();
    expect(complaints.filter((text) => !/WebSocket connection .* failed/.test(text))).toEqual([]);
    for (const context of browser.contexts()) await context.close();
  });
}

played("connect four: a match of the lobby, watched by a third, until somebody has four", async () => {
  await using network = await CuttingProxy.to(server.url);
  const ann = await open("connectfour");
  const bob = await open("connectfour", network);
  const cat = await open("connectfour");
  await enter(ann, { name: "ann" });
  await enter(bob, { name: "bob" });
  await ann.click("text=New match");
  await ann.getByText("Waiting for somebody").waitFor();
  await bob.getByRole("listitem").filter({ hasText: "ann" }).getByRole("button", { name: "Join" }).click();
  await ann.getByText("Your move: you are red.").waitFor();
  await enter(cat, { name: "cat" });
  await cat
    .getByRole("listitem")
    .filter({ hasText: "ann – bob" })
    .getByRole("button", { name: "Watch" })
    .click();
  const drop = async (page: Page, column: number) =>
    page.locator(`#board button:enabled[aria-label="column ${column}"]`).click();
  for (const page of [ann, cat]) await page.reload();
  await ann.getByText("Your move: you are red.").waitFor();
  await cat.getByText("ann (red) is to move.").waitFor();
  for (let turn = 0; turn < 3; turn++) {
    await drop(ann, 1);
    await drop(bob, 2);
  }
  // Who was away sees the board as it is.
  await lost(network, async () => {
    await ann.getByText("bob has lost the connection").waitFor();
    await drop(ann, 1);
  });
  for (const page of [ann, bob, cat]) {
    await page.getByText("red wins. ann has four in a line.").waitFor();
    expect(await page.locator(".won").count()).toBe(4);
  }
  await bob.click("#again");
  await bob.getByText("Your move: you are yellow.").waitFor();
  await bob.click("#leave");
  await ann.getByText("bob left.").waitFor();
});

played("tictactoe: any opponent, watched by a third, reloads in between, and another game", async () => {
  await using network = await CuttingProxy.to(server.url);
  const [ann, bob, cat] = [
    await open("tictactoe"),
    await open("tictactoe", network),
    await open("tictactoe"),
  ];
  await enter(ann, { name: "ann" });
  await ann.getByText("Nobody plays").waitFor();
  await ann.click("#play");
  await ann.getByText("Waiting for somebody").waitFor();
  await enter(bob, { name: "bob" });
  await bob.getByRole("button", { name: "Join" }).click();
  await ann.getByText("Your move: you are X.").waitFor();
  await enter(cat, { name: "cat" });
  await cat.getByRole("button", { name: "Watch" }).click();
  const move = (page: Page, cell: number) =>
    page.locator(`#board button:enabled[aria-label="cell ${cell}"]`).click();
  await cat.getByText("ann (X) is to move.").waitFor();
  await move(ann, 1);
  await move(bob, 4);
  for (const page of [ann, cat]) {
    await page.getByText(page === ann ? "Your move" : "ann (X) is to move.").waitFor();
    await page.reload();
    await page.locator('[aria-label="cell 4, O"]').waitFor();
  }
  await lost(network, () => ann.getByText("bob has lost the connection").waitFor());
  await ann.getByText("Your move").waitFor();
  await move(ann, 2);
  await move(bob, 5);
  await move(ann, 3);
  for (const page of [ann, bob, cat]) {
    await page.getByText("X wins. ann has three in a line.").waitFor();
    expect(await page.locator(".won").count()).toBe(3);
  }
  await bob.click("#rematch");
  await ann.getByText("bob wants to play again.").waitFor();
  await ann.click("#rematch");
  await bob.getByText("Your move: you are O.").waitFor();
  await bob.click("#leave");
  await bob.getByRole("button", { name: "Play" }).waitFor();
  await ann.getByText("bob left.").waitFor();
});

played("arena: who runs against the wall is seen there by another", async () => {
  const [ann, bob] = [await open("arena"), await open("arena")];
  await enter(ann, { name: "ann" });
  await enter(bob, { name: "bob" });
  for (const page of [ann, bob]) await page.getByText("2 here, and 3 bots").waitFor();
  await ann.keyboard.down("ArrowRight");
  // Where the disc of ann is drawn: at its colour, near the right wall.
  const isAtWall = `(() => {
    const { width, height } = document.querySelector("canvas");
    const { data } = document.querySelector("canvas").getContext("2d").getImageData(width - 40, 0, 40, height);
    for (let i = 0; i < data.length; i += 4) if (data[i] === 0x3f && data[i + 1] === 0xa9 && data[i + 2] === 0xc1) return true;
  })()`;
  await bob.waitForFunction(isAtWall);
  await bob.reload();
  await bob.getByText("2 here, and 3 bots").waitFor();
  await bob.waitForFunction(isAtWall);
});

played("chat: said, whispered, muted, removed, banned, and who is away", async () => {
  await using network = await CuttingProxy.to(server.url);
  const [ann, bob] = [await open("chat"), await open("chat", network)];
  await enter(ann, { name: "ann", room: "page", key: KEY });
  await enter(bob, { name: "bob", room: "page" });
  const say = async (page: Page, text: string) => {
    await page.fill("#text", text);
    await page.click("#say button");
  };
  await say(bob, "hello from <b>bob</b>");
  await ann.getByText("bob: hello from <b>bob</b>").waitFor();
  await ann.reload();
  await ann.getByText("bob: hello from <b>bob</b>").waitFor();
  await say(ann, "/whisper bob psst");
  await bob.getByText("ann whispers: psst").waitFor();
  await say(bob, "/mute ann 60");
  await bob.getByText("Only moderators do that.").waitFor();
  await say(ann, "/mute bob 60");
  await bob.getByText("bob is muted for 60 s.").waitFor();
  await say(bob, "what?");
  await bob.getByText("You are muted for a while.").waitFor();
  await say(ann, "/remove 1");
  await bob.getByText("bob: hello").waitFor({ state: "detached" });
  await lost(network, () => ann.locator(".away", { hasText: "bob" }).waitFor());
  await ann.locator(".away").waitFor({ state: "detached" });
  await say(ann, "/ban bob rude");
  await bob.getByText("You are out of the room: rude").waitFor();
});

played("whiteboard: what one draws the other sees, and who comes later, until it is cleared", async () => {
  const [ann, bob] = [await open("whiteboard"), await open("whiteboard")];
  await ann.getByText("2 here").waitFor();
  await ann.mouse.move(200, 200);
  await bob.locator(".cursor").waitFor();
  expect(await ann.locator(".cursor").count()).toBe(0);
  await ann.mouse.down();
  await ann.mouse.move(400, 300, { steps: 5 });
  await ann.mouse.up();
  const isDrawnOn = `(() => {
    const { width, height } = document.querySelector("canvas");
    return document.querySelector("canvas").getContext("2d").getImageData(0, 0, width, height).data.some((value) => value > 0);
  })()`;
  await bob.waitForFunction(isDrawnOn);
  const cat = await open("whiteboard");
  await cat.waitForFunction(isDrawnOn);
  await bob.click("#clear");
  for (const page of [ann, bob, cat]) await page.waitForFunction(`!${isDrawnOn}`);
  // By keys alone: arrows point, and draw with Shift.
  for (const key of ["Shift+Tab", "Tab"]) await ann.keyboard.press(key);
  await ann.getByText("with Shift they draw").waitFor();
  await ann.keyboard.press("ArrowRight");
  await bob.locator(".cursor").waitFor();
  expect(await bob.evaluate(isDrawnOn)).toBeFalsy();
  await ann.keyboard.press("Shift+ArrowDown");
  for (const page of [ann, bob, cat]) await page.waitForFunction(isDrawnOn);
});

played("quiz: the host asks, who is right is on the leaderboard, and a reload goes on", async () => {
  const [ann, bob] = [await open("quiz"), await open("quiz")];
  await enter(ann, { name: "page ann", round: "page" });
  await enter(bob, { name: "page bob", round: "page" });
  await ann.locator("#ask").waitFor();
  expect(await bob.locator("#ask").isVisible()).toBe(false);
  await ann.click("#ask");
  await bob.getByRole("button", { name: "three" }).waitFor();
  await bob.reload();
  await bob.getByRole("button", { name: "three" }).click();
  await bob.locator(".chosen").waitFor();
  await ann.reload();
  await ann.getByText("It is three: page bob +3.").waitFor();
  for (const page of [ann, bob]) await page.getByText("page bob: 3").waitFor();
});

played("each page loads itself again when it is edited, and a half-written line is still there", async () => {
  const extensions = makeFolder();
  cpSync(examples, extensions, { recursive: true });
  const args = ["--data", makeFolder(), "--dev"];
  const edited = await startServer({ extensions, args, runtime: "bun" });
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(PATIENCE);
  const folders = ["arena.public", "connectfour/public", "quiz/public", "tictactoe/public"];
  for (const folder of [...folders, "whiteboard.public", "chat.public"]) {
    await page.goto(`${edited.url}/apps/${folder.split(/[./]/)[0]}/`);
    await page.getByText("Connecting…").waitFor({ state: "detached" });
    if (folder === "chat.public") {
      await enter(page, { name: "ann", room: "page" });
      await page.fill("#text", "half a li");
    }
    await page.evaluate("globalThis.isOld = true");
    appendFileSync(join(extensions, folder, "index.html"), "<!-- edited -->");
    await page.waitForFunction("globalThis.isOld === undefined");
  }
  await page.waitForFunction('document.getElementById("text").value === "half a li"');
  await edited.kill();
});

played("a form says that it waits for the connection, and sends nothing before", async () => {
  for (const application of ["chat", "quiz", "arena", "connectfour"]) {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(PATIENCE);
    const { promise: held, resolve: go } = Promise.withResolvers<void>();
    await page.route("**/client.js", (route) => held.then(() => route.continue()));
    await page.goto(`${server.url}/apps/${application}/`, { waitUntil: "commit" });
    await page.getByText("Connecting…").waitFor();
    await page.fill("#login [name=name]", "dora");
    await page.press("#login [name=name]", "Enter");
    expect(await page.locator("#login button").isEnabled()).toBe(false);
    go();
    await page.locator("#login button:enabled").waitFor();
    expect(await page.inputValue("#login [name=name]")).toBe("dora");
  }
});
