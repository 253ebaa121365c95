/** The console at `/`, used in a real browser on a real server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { openPage } from "./browser.ts";
import { barriers, button, consoleTests, goTo, openConsole, soon } from "./console.ts";
import { startServer, until } from "./harness.ts";

const chat = (word: string) => `
import { defineRoom } from "hotroom";
export default defineRoom({
  maxUsers: 9,
  events: { join(room, user) { room.send(user, "welcome", "${word}"); } },
  messages: {
    say(room, user, data) { room.broadcast("said", { from: user.name, data }); return { ok: true }; },
  },
});
`;
/** Keeps a total; `adds` is what a message does to it. */
const score = (adds: string) => `
import { defineRoom } from "hotroom";
import * as v from "valibot";
export default defineRoom({
  state: () => ({ total: 0 }),
  messages: {
    add: {
      schema: v.object({ by: v.number() }),
      handle(room, user, data) { room.state.total = room.state.total ${adds}; room.broadcast("total", room.state.total); },
    },
  },
});
`;
const files = {
  "chat.ts": chat("hello"),
  "chat.public/index.html": `<!doctype html><title>chat</title><link rel="icon" href="data:,"><script type="module" src="page.js"></script>`,
  "chat.public/page.js": `
    import { connect } from "/client.js";
    const { state } = await connect("/ws/chat");
    let reach = "nothing";
    try { reach = parent.document.title; } catch {}
    document.body.textContent = state + " at " + origin + ", reaches " + reach;`,
};

const used = consoleTests(files);

const player = (page: Page, name: string) =>
  page.getByRole("article", { name: `Player ${name}`, exact: true });
const frame = (place: Locator, text: string) => place.getByRole("log").locator("li", { hasText: text });

async function addPlayers(
  page: Page,
  application: string,
  room: string,
  ...names: string[]
): Promise<Locator[]> {
  await goTo(page, `#/a/${application}/players`);
  await page.getByLabel("Room to join").fill(room);
  const added: Locator[] = [];
  for (const name of names) {
    await button(page, "Add a player").click();
    added.push(player(page, name));
    await player(page, name).locator(`[data-room="${room}"]`).waitFor();
  }
  return added;
}

async function say(place: Locator, type: string, data: string): Promise<void> {
  await place.getByLabel("Message type").fill(type);
  await place.getByLabel("Data, as JSON").fill(data);
  await button(place, "Send").click();
}

used(
  "lists applications, rooms and users as they come and go, and what is wrong with an edit",
  async ({ browser, server }) => {
    const { page, complaints } = await openConsole(browser, server);
    const card = page.locator('article[data-application="chat"]');
    await card.getByText("as it was loaded").waitFor();
    const version = (await card.locator(".version").first().textContent()) ?? "";
    expect(version).toMatch(/^v\d+·[0-9a-f]{6}/);
    const dora = await server.user("chat", "dora", "attic #1/2");
    await soon(card.getByRole("link", { name: "attic #1/2 1" }));
    expect(await barriers(page)).toEqual([]);
    dora.close();

    server.write("chat.public/style.css", "a {}");
    const pages = page.locator('[data-kind="pages"]');
    await soon(pages.getByRole("link", { name: "public/style.css" }));
    expect(await pages.locator(".version").count()).toBe(0);
    server.remove("chat.public/style.css");
    await soon(pages.getByText("public/style.css gone"));
    expect(await barriers(page)).toEqual([]);

    server.write("later.ts", chat("later"));
    await soon(page.locator('article[data-application="later"]'));
    server.remove("later.ts");
    await soon(page.locator('article[data-application="later"]'), false);

    server.write("chat.ts", chat("hello").replace("maxUsers: 9", "maxUsers: ;"));
    const failure = card.locator(".failure");
    await soon(failure.getByText("chat.ts:4:13"));
    expect(await failure.locator("pre").textContent()).toContain("4 │   maxUsers: ;");
    await card.getByText(`Still running ${version}.`).waitFor();
    server.write("chat.ts", chat("mended"));
    await soon(failure, false);
    await soon(card.getByText("moved to by an edit"));
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  },
);

used(
  "plays several users side by side: each frame with its number, trouble to order, and an edit under them",
  async ({ browser, server }) => {
    const { page, complaints } = await openConsole(browser, server);
    const [ann, bob] = (await addPlayers(page, "chat", "stage", "ann", "bob")) as [Locator, Locator];
    await ann.getByText("stage ann, bob").waitFor();
    await say(ann, "say", '{"text":"from the page"}');
    await frame(bob, '"from":"ann"').getByText(/^\d+$/).waitFor();
    await frame(ann, 'ok {"ok":true}').waitFor();

    await say(ann, "nothing", "");
    await ann.getByRole("alert").getByText("nothing").waitFor();
    await say(ann, "say", "{oops");
    await ann.getByText("The data is not JSON").waitFor();

    await button(bob, "Drop").click();
    await frame(bob, "connection lost").waitFor();
    await say(ann, "say", '"missed"');
    await soon(frame(bob, "resumed"));
    await frame(bob, "missed").first().waitFor();

    server.write("chat.ts", chat("edited").replace("from: user.name", 'from: "EDITED"'));
    await until("the edit", async () => {
      await say(ann, "say", "1");
      return (await frame(bob, '"from":"EDITED"').count()) > 0;
    });
    expect(await frame(bob, "connection closed").count()).toBe(0);
    expect(await barriers(page)).toEqual([]);

    // Its own page stands beside them, and gets nowhere near the console.
    await button(page, "Add its page").click();
    await page.frameLocator("iframe").getByText("online at null, reaches nothing").waitFor();

    // Whoever looks elsewhere leaves the game as it is.
    await goTo(page, "#/a/chat/versions");
    await page.getByText("moved to by an edit").first().waitFor();
    expect(await barriers(page)).toEqual([]);
    await goTo(page, "#/a/chat/players");
    await button(page, "Remove bob").click();
    await frame(ann, "leave").waitFor();
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  },
);

used(
  "shows a room: its state live, what has happened, the state at each step, and a replay with edited code",
  async ({ browser, server }) => {
    server.write("score.ts", score("+ data.by"));
    const { page, complaints } = await openConsole(browser, server);
    await soon(page.locator('article[data-application="score"]'));
    const [ann] = (await addPlayers(page, "score", "hall", "ann")) as [Locator];
    // What somebody types into a form before the browser draws the next frame stays.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1000);
    await ann.getByLabel("Message type").fill("add");
    await ann.getByLabel("by", { exact: true }).fill("8");
    await page.clock.resume();
    await page.clock.fastForward(1000);
    expect(await ann.getByLabel("by", { exact: true }).inputValue()).toBe("8");
    for (const by of ["1", "2"]) {
      await ann.getByLabel("by", { exact: true }).fill(by);
      await button(ann, "Send").click();
    }
    await frame(ann, "total hall 3").waitFor();

    await goTo(page, "#/a/score/rooms");
    await page.getByRole("link", { name: /^hall/ }).click();
    const state = page.locator('[data-state="now"]');
    await soon(state.getByText("total3"));
    await server
      .user("score", "bob", "hall")
      .then((bob) => bob.request({ event: "message", room: "hall", type: "add", data: { by: 4 } }));
    await soon(state.getByText("total7"));
    const events = page.getByRole("list", { name: "Events" });
    const added = events.locator("li.event", { hasText: '{"by":2}' });
    await soon(added);
    const { promise: held, resolve: go } = Promise.withResolvers<void>();
    await page.route("**/rooms/hall/timeline", (route) => held.then(() => route.continue()));
    await button(page, "Explain").click();
    await page.getByText("running the events again …").waitFor();
    go();
    await added.getByRole("button").click();
    await page.locator('[data-state="then"]').getByText("total3").waitFor();
    await added.getByText("broadcast").waitFor();
    await button(page, "A step back").click();
    await page.locator('[data-state="then"]').getByText("total1").waitFor();
    expect(await barriers(page)).toEqual([]);

    await goTo(page, "#/a/score/editor");
    const code = page.getByRole("textbox", { name: "score.ts" });
    await code.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(score("+ 10 * data.by"));
    await page.getByText("not saved").first().waitFor();
    await goTo(page, "#/a/score/rooms/hall");
    await button(page, "Replay with the edited code").click();
    await page.getByText("3 of").waitFor();
    await page.getByText("the state differs in 1 place").waitFor();
    await button(page, "Live").click();

    // A value is edited where it stands, and handlers go on from there.
    await button(state, "7").click();
    const field = state.getByLabel("total, as JSON");
    await field.fill("seven");
    await field.press("Enter");
    await state.getByRole("alert").getByText("no JSON").waitFor();
    expect(await barriers(page)).toEqual([]);
    await field.press("Escape");
    await button(state, "7").click();
    await field.fill("3");
    await field.press("Enter");
    await state.getByText("total3").waitFor();
    await server
      .user("score", "cid", "hall")
      .then((cid) => cid.request({ event: "message", room: "hall", type: "add", data: { by: 4 } }));
    await soon(state.getByText("total7"));
    await soon(events.locator("li.event", { hasText: /put\s*total: 3/ }));

    await goTo(page, "#/a/score/editor");
    expect(await barriers(page)).toEqual([]);
    await code.click();
    await page.keyboard.press("Control+s");
    await page.getByText("as on the disk").waitFor();
    expect(readFileSync(join(server.folder, "score.ts"), "utf8")).toBe(score("+ 10 * data.by"));
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(score("+;"));
    await page.keyboard.press("Control+s");
    await soon(page.locator(".cm-lint-marker-error"));
    server.write("score.ts", score("+ room.nothing.here"));
    await soon(code.getByText("room.nothing.here"));
    await soon(page.locator(".cm-lint-marker-error"), false);
    // What only shows when the handler runs is marked as well, once rooms have gone back for it.
    const dan = await server.user("score", "dan", "hall");
    await until("the marks", async () => {
      // Whether the room has moved yet nobody knows.
      await dan.request({ event: "message", room: "hall", type: "add", data: { by: 1 } });
      await page.clock.fastForward(2000);
      return (await page.locator(".cm-lint-marker-error").count()) > 0;
    });
    server.write("score.ts", score("+ 2"));
    await soon(code.getByText("+ 2"));
    await soon(page.locator(".cm-lint-marker-error"), false);

    await goTo(page, "#/a/score/users");
    const listed = page.locator('[data-user="bob"]');
    await listed.getByText("connected").waitFor();
    await soon(listed.getByText(/^lag \d+ · seq \d+ · outbox \d+ B$/));
    await button(page.locator('[data-user="ann"]'), "Drop").waitFor();
    expect(await barriers(page)).toEqual([]);
    await button(listed, "Drop").click();
    await soon(listed.getByText(/^away/));
    await goTo(page, "#/a/score/logs");
    await page.getByRole("log", { name: "Lines" }).getByText("Application started.").waitFor();
    expect(await barriers(page)).toEqual([]);
    await goTo(page, "#/a/score/load");
    await soon(page.getByRole("img", { name: /^Events a second over the last hour/ }));
    await server
      .user("score", "eve", "hall")
      .then((eve) => eve.request({ event: "message", room: "hall", type: "add", data: { by: 1 } }));
    const hot = page.locator('[data-handler="messages.add"]');
    await soon(hot.getByText(/→ \d+ µs$/));
    await soon(hot.getByText(/^\d.* %$/));
    expect(await barriers(page)).toEqual([]);

    // What fails in its first event is gone back from, and the feed leads to the line.
    server.write("score.ts", score("+ data.no.by"));
    const fay = await server.user("score", "fay", "hall");
    await goTo(page, "#/");
    const place = page.locator(".ladder .bad a");
    await until("the way back", async () => {
      await fay.request({ event: "message", room: "hall", type: "add", data: { by: 1 } });
      return (await place.count()) > 0;
    });
    await place.first().click();
    await soon(page.locator(".cm-activeLine", { hasText: "data.no.by" }));
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  },
);

used("shows what people send as text, which runs nothing, and no secret", async ({ browser, server }) => {
  const { page, complaints } = await openConsole(browser, server);
  await goTo(page, "#/a/chat/players");
  await page.getByLabel("Room to join").fill("hall");
  await button(page, "Add a player").click();
  const ann = page.locator(".player");
  await ann.locator("[data-room=hall]").waitFor();
  const hostile = '<img src="x" onerror="document.title=1"><script>document.title=2</script>';
  await say(ann, "say", JSON.stringify(hostile));
  await frame(ann, "<img src=").first().click();
  expect(await ann.locator("img, script").count()).toBe(0);
  expect(await page.title()).toBe("Players · chat · hotroom");
  expect(await page.content()).not.toMatch(/"session":"[^…]/);
  expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
});

used("asks for the secret where it was not opened by it", async ({ browser, server }) => {
  const { page } = await openPage(browser, server.url);
  const field = page.getByLabel("Secret or admin token");
  await field.fill("wrong-guess");
  await button(page, "Open").click();
  await page.getByText("the secret is wrong").waitFor();
  expect(await barriers(page)).toEqual([]);
  await field.fill(new URL(server.consoleUrl).searchParams.get("secret") ?? "");
  await button(page, "Open").click();
  await page.locator("article").first().waitFor();
});

used("goes by keys alone, on a phone too, and says so when the server is gone", async ({ browser }) => {
  const lost = await startServer({ runtime: "bun", files });
  const { page } = await openConsole(browser, lost);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("link", { name: "chat", exact: true }).first().focus();
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Versions" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("v");
  await page.getByRole("heading", { name: "Versions" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.keyboard.press("Escape");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await lost.kill();
  await soon(page.locator("#server.lost"));
});
