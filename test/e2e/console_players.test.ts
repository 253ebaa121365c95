/** Players of an application that lets nobody in by a name alone, which of its edits can be rolled back, and where addresses lead, in the console. */
import { expect } from "bun:test";
import { button, consoleTests, goTo, openConsole, soon } from "./console.ts";

const room = (word: string) => `
import { defineRoom } from "hotroom";
export default defineRoom({ messages: { word: () => "${word}" } });
`;
const files = {
  "club/hotroom.json": '{ "rooms": "join" }',
  "club/app.ts": `
import { defineApplication, refuse } from "hotroom";
export default defineApplication({
  events: {
    login(app, { data }) { if (data.word !== "swordfish") refuse("Not without the word."); },
  },
});
`,
  "club/rooms/bar.ts": room("first"),
};

const used = consoleTests(files);

used(
  "who logs in by the form joins the room, and who is added next logs in alike",
  async ({ browser, server }) => {
    const { page } = await openConsole(browser, server, "#/a/club/players");
    await page.getByLabel("Room to join").fill("cellar");
    await button(page, "Add a player").click();
    const ann = page.getByRole("article", { name: "Player ann" });
    await ann.getByRole("alert").getByText("Not without the word.").waitFor();
    await ann.getByLabel("Other login data").fill('{"word":"swordfish"}');
    await button(ann, "Log in").click();
    await ann.locator('[data-room="cellar"]').waitFor();
    await button(page, "Add a player").click();
    await page.getByRole("article", { name: "Player bob" }).locator('[data-room="cellar"]').waitFor();
  },
);

used("only the edit that is live can be rolled back", async ({ browser, server }) => {
  const { page } = await openConsole(browser, server, "#/");
  const save = (n: number) => page.locator(`.save[data-version^="v${n}·"]`);
  for (const n of [2, 3]) {
    server.write("club/rooms/bar.ts", room(`edit ${n}`));
    await soon(button(save(n), "Roll back"));
  }
  expect(await button(page, "Roll back").count()).toBe(1);
  await button(save(3), "Roll back").click();
  await soon(button(save(2), "Roll back"));
  expect(await button(page, "Roll back").count()).toBe(1);
});

used("says so where an address leads to nothing, and leads back from there", async ({ browser, server }) => {
  const { page } = await openConsole(browser, server);
  for (const [place, told, back, to] of [
    ["#/nothing", "There is nothing at this address.", "To the overview", "#/"],
    ["#/a", "There is nothing at this address.", "To the overview", "#/"],
    ["#/a/nobody", "There is no application “nobody”.", "See those that there are", "#/"],
    ["#/a/club/nothing", "“club” has nothing at this address.", "See its rooms", "#/a/club"],
    ["#/a/club/users/ann", "“club” has nothing at this address.", "See its rooms", "#/a/club"],
    ["#/a/club/rooms/empty", "The room “empty” is not open.", "See those that are", "#/a/club/rooms"],
  ] as const) {
    await goTo(page, place);
    await page.getByText(told).waitFor();
    expect(await page.locator("main article").count()).toBe(0);
    await page.getByRole("link", { name: back }).click();
    expect(await page.evaluate(() => location.hash)).toBe(to);
  }
});

used("an edit in which no new room opens says so, and leads to the line", async ({ browser, server }) => {
  const { page } = await openConsole(browser, server, "#/");
  server.write(
    "club/rooms/bar.ts",
    room("full").replace("{ messages", "{ state: () => ({ seats: new Map() }), messages"),
  );
  const step = page.locator(".ladder li.bad", {
    hasText: "new rooms of type bar will fail: state(): TypeError: state().seats is a Map",
  });
  await soon(step);
  await step.getByRole("link", { name: "rooms/bar.ts:3:" }).click();
  await soon(page.locator(".cm-lint-marker-error"));
});
