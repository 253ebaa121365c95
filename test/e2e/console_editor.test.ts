/** The console's editor in a real browser: what it completes, and where it opens. */
import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { barriers, consoleTests, goTo, openConsole } from "./console.ts";
import { until } from "./harness.ts";

const chat = `import { defineRoom } from "hotroom";
export default defineRoom({
  messages: {
    say(here, user, text: string) {

    },
  },
});
`;

const game = (speed: string) => `import { defineRoom } from "hotroom";
export default defineRoom({
  // Edit this line and watch: with 3 all is faster.
  tickRate: ${speed},
  tick() {},
});
`;

const used = consoleTests({
  "chat.ts": chat,
  "game/hotroom.json": `{ "rooms": "join" }`,
  "game/rooms/game.ts": game("1"),
  "game/public/index.html": `<!doctype html><title>game</title>`,
});

used(
  "the script API is offered while one writes, says what each name is for, and is put in",
  async ({ browser, server }) => {
    const { page, complaints } = await openConsole(browser, server);
    await goTo(page, "#/a/chat/editor/chat.ts?line=5&column=1");
    const code = page.getByRole("textbox", { name: "chat.ts" });
    await code.and(page.locator(":focus")).waitFor();
    await page.keyboard.type("here.");
    const list = page.getByRole("listbox", { name: "Completions" });
    await list.getByRole("option", { name: /^broadcast/ }).waitFor();
    await page.keyboard.type("broad");
    const option = list.getByRole("option", { selected: true });
    await option.getByText("(type, …data)").waitFor();
    await page.getByText("Sends a message to all members, or to all but some.").waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.keyboard.type('"said", user.na');
    await list.getByRole("option", { name: /^name/ }).click();
    await code.getByText('here.broadcast("said", user.name)').waitFor();
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  },
);

used(
  "nothing that is written is lost where the server is slow to say whether one may write",
  async ({ browser, server }) => {
    const { page } = await openConsole(browser, server);
    const { promise: held, resolve: go } = Promise.withResolvers<void>();
    await page.route("**/applications/chat/files", (route) => held.then(() => route.continue()));
    const answers = ["/file?", "/page/editor.js"].map((part) =>
      page
        .waitForResponse((response) => response.url().includes(part))
        .then((response) => response.finished()),
    );
    await goTo(page, "#/a/chat/editor/chat.ts?line=5&column=1");
    await Promise.all(answers);
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    const code = page.getByRole("textbox", { name: "chat.ts" });
    const focused = code.and(page.locator(":focus"));
    // An editor that takes no key yet has no caret either.
    expect(await focused.count()).toBe(0);
    go();
    await focused.waitFor();
    await page.keyboard.type("// kept");
    await code.getByText("// kept").waitFor();
    await page.getByRole("status").getByText("not saved").waitFor();
  },
);

used(
  "the first page names the line to edit, opens it selected, and keeps the page of what is broken",
  async ({ browser, server }) => {
    const { page, complaints } = await openConsole(browser, server);
    const card = page.locator('article[data-application="game"]');
    const itsPage = card.getByRole("link", { name: "Page of game" });
    await itsPage.waitFor();
    await page.getByText("of game that is rooms/game.ts:4.").waitFor();
    expect(await barriers(page)).toEqual([]);
    await card.getByRole("link", { name: "rooms/game.ts:4" }).click();
    const code = page.getByRole("textbox", { name: "rooms/game.ts" });
    await code.and(page.locator(":focus")).waitFor();
    await page.keyboard.insertText("tickRate: ;,");
    await page.keyboard.press("Control+s");
    const saved = () => readFileSync(join(server.folder, "game/rooms/game.ts"), "utf8");
    await until("the file", () => saved() === game(";"));

    await goTo(page, "#/");
    const failure = card.locator(".failure");
    await until("what is broken", async () => {
      await page.clock.fastForward(2000);
      return (await failure.count()) > 0;
    });
    expect(await itsPage.getAttribute("href")).toBe("/apps/game/");
    await page.reload();
    await failure.waitFor();
    await itsPage.waitFor();
    const ann = await server.user("game", "ann", "hall");
    server.write("game/rooms/game.ts", `// One more line.\n${game("2")}`);
    await card.getByRole("link", { name: "rooms/game.ts:5" }).waitFor();
    // What was asked for is done.
    await page.getByText("of game that is").waitFor({ state: "detached" });
    ann.close();
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  },
);

used(
  "a page that is saved elsewhere is shown as it is now, and a new file is listed",
  async ({ browser, server }) => {
    const { page } = await openConsole(browser, server);
    await goTo(page, "#/a/game/editor/public%2Findex.html");
    const code = page.getByRole("textbox", { name: "public/index.html" });
    await code.getByText("game").first().waitFor();
    server.write("game/public/index.html", "<p>from elsewhere</p>");
    await code.getByText("from elsewhere").waitFor();
    server.write("game/public/new.css", "p {}");
    await page
      .getByRole("navigation", { name: "Files of game" })
      .getByRole("link", { name: "public/new.css" })
      .waitFor();
  },
);

used(
  "only scripts are rehearsed, what is broken is told once, and a key saves wherever the focus is",
  async ({ browser, server }) => {
    const { page } = await openConsole(browser, server);
    await goTo(page, "#/a/game/editor/public%2Findex.html");
    const html = page.getByRole("textbox", { name: "public/index.html" });
    await html.click();
    await page.keyboard.type("<!-- drawn -->");
    const rehearse = page.getByRole("button", { name: "Rehearse" });
    await page.getByRole("status").getByText("not saved").waitFor();
    expect(await rehearse.isDisabled()).toBe(true);

    await goTo(page, "#/a/game/editor/rooms%2Fgame.ts");
    await page.getByRole("textbox", { name: "rooms/game.ts" }).click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(game("@"));
    const { promise: held, resolve: go } = Promise.withResolvers<void>();
    await page.route("**/files/rehearse", (route) => held.then(() => route.continue()));
    await rehearse.click();
    await page.getByRole("status").getByText("rehearsing …").waitFor();
    expect(await rehearse.isDisabled()).toBe(true);
    go();
    const failure = page.locator(".file .failure");
    await failure.waitFor();
    expect((await failure.textContent())?.match(/tickRate: @/g)).toHaveLength(1);
    await rehearse.focus();
    await page.keyboard.press("Control+s");
    await until(
      "the file",
      () => readFileSync(join(server.folder, "game/rooms/game.ts"), "utf8") === game("@"),
    );
  },
);
