/** The console's editor in a real browser: what it completes, and where it opens. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { launch, noBrowser } from "./browser.ts";
import { barriers, goTo, openConsole } from "./console.ts";
import { startServer, type TestServer } from "./harness.ts";

const chat = `import { defineRoom } from "hotroom";
export default defineRoom({
  messages: {
    say(here, user, text: string) {

    },
  },
});
`;

let browser: Browser;
let server: TestServer;
beforeAll(async () => {
  if (noBrowser) return;
  const files = { "chat.ts": chat };
  [browser, server] = await Promise.all([launch(), startServer({ runtime: "bun", files })]);
});
afterAll(() => browser?.close());

function used(title: string, use: () => Promise<void>): void {
  test.skipIf(noBrowser !== undefined)(title, async () => {
    await use();
    for (const context of browser.contexts()) await context.close();
  });
}

used("the script API is offered while one writes, says what each name is for, and is put in", async () => {
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
  await list.getByRole("option", { name: /^name/ }).waitFor();
  await page.keyboard.press("Enter");
  await code.getByText('here.broadcast("said", user.name)').waitFor();
  expect(complaints.filter((text) => !/404|WebSocket is already/.test(text))).toEqual([]);
});
