/** Players of an application that lets nobody in by a name alone, and which of its edits can be rolled back, in the console. */
import { expect } from "bun:test";
import { button, consoleTests, openConsole, soon } from "./console.ts";

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
