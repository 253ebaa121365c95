/** Every page as people see it, on a desk and on a phone, in light and in dark. */
import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launch, noBrowser, openPage } from "./browser.ts";
import { openConsole } from "./console.ts";
import { startServer, type TestServer } from "./harness.ts";
import { look, pictures, places, startBusyServer } from "./looks.ts";

let browser: Browser;
let server: TestServer;
/** The page of the console, on which each test goes on from where the one before has left it. */
let desk: Page;
beforeAll(async () => {
  if (noBrowser) return;
  if (pictures) mkdirSync(pictures, { recursive: true });
  [browser, server] = await Promise.all([launch(), startBusyServer()]);
  ({ page: desk } = await openConsole(browser, server));
});
afterAll(() => browser?.close());

function looked(title: string, use: () => Promise<string[]>): void {
  test.skipIf(noBrowser !== undefined)(title, async () => {
    expect(await use()).toEqual([]);
    for (const context of browser.contexts()) if (context !== desk.context()) await context.close();
  });
}

for (const [name, go] of places)
  looked(`the console: ${name}`, async () => {
    await go(desk);
    return look(desk, `console-${name}`);
  });

looked("the console where it is locked, and where nothing runs", async () => {
  const empty = await startServer({ runtime: "bun", files: {}, env: { HOTROOM_ADMIN_TOKEN: "open sesame" } });
  const { page } = await openPage(browser, `${empty.url}/`);
  await page.getByText("The console is locked").waitFor();
  const wrong = await look(page, "console-locked");
  await page.getByLabel("Secret or admin token").fill("guess");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("Cannot open the console").waitFor();
  wrong.push(...(await look(page, "console-refused")));
  await page.getByLabel("Secret or admin token").fill("open sesame");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("Nothing runs yet.").waitFor();
  wrong.push(...(await look(page, "console-empty")));
  await empty.kill();
  return wrong;
});

looked("the API's page", async () => {
  const { page } = await openPage(browser, `${server.url}/api`);
  const wrong = pictures ? await look(page, "api") : [];
  // Two tell for all, one of them open: the others would take axe long.
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details"))
      if (details.id === "editState") details.open = true;
      else if (details.id !== "overview") details.remove();
  });
  await page.getByRole("heading", { name: "Body" }).waitFor();
  return [...wrong, ...(await look(page, "api-open"))];
});

async function two(application: string): Promise<[Page, Page]> {
  const open = async () => (await openPage(browser, `${server.url}/apps/${application}/`)).page;
  return [await open(), await open()];
}
const enter = async (page: Page, name: string) => {
  await page.fill("#login [name=name]", name);
  await page.click("#login button");
  await page.locator("#login").waitFor({ state: "hidden" });
};
const enterBoth = async (ann: Page, bob: Page) => {
  await enter(ann, "ann");
  await enter(bob, "bob");
};
/** What two players do, until there is something to be seen. */
const games: Readonly<Record<string, (ann: Page, bob: Page) => Promise<unknown>>> = {
  async chat(ann, bob) {
    await enterBoth(ann, bob);
    for (const text of [
      "hello",
      "a line that is so long that it does not fit on a phone, whatever one does",
    ]) {
      await bob.fill("#text", text);
      await bob.click("#say button");
    }
    await ann.getByText("so long").waitFor();
  },
  async connectfour(ann, bob) {
    await enterBoth(ann, bob);
    await ann.click("text=New match");
    await bob.getByRole("listitem").filter({ hasText: "ann" }).getByRole("button", { name: "Join" }).click();
    for (const page of [ann, bob, ann]) await page.locator("#board button:enabled").first().click();
    await bob.getByText("Your move").waitFor();
  },
  async tictactoe(ann, bob) {
    await enterBoth(ann, bob);
    await ann.click("#play");
    await bob.getByRole("button", { name: "Join" }).click();
    for (const page of [ann, bob, ann]) await page.locator("#board button:enabled").first().click();
    await bob.getByText("Your move").waitFor();
  },
  async whiteboard(ann) {
    await ann.getByText("2 here").waitFor();
    await ann.mouse.move(80, 120);
    await ann.mouse.down();
    await ann.mouse.move(300, 220, { steps: 5 });
    await ann.mouse.up();
  },
  async arena(ann, bob) {
    await enterBoth(ann, bob);
    await ann.getByText("2 here").waitFor();
  },
  async quiz(ann, bob) {
    await enterBoth(ann, bob);
    await look(ann, "quiz-waiting");
    await ann.click("#ask");
    await ann.locator("#choices button").first().click();
    await ann.locator(".chosen").waitFor();
  },
};

for (const [application, play] of Object.entries(games))
  looked(`the page of ${application}`, async () => {
    const [ann, bob] = await two(application);
    const wrong = await look(ann, `${application}-lobby`);
    await play(ann, bob);
    wrong.push(...(await look(ann, application)));
    return wrong;
  });
