/** The page at `/` against a real server. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Locator, Page } from "playwright-core";
import { launch, noBrowser, openPage } from "./browser.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

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
const files = { "chat.ts": chat("hello") };

let browser: Browser;
beforeAll(async () => {
  if (!noBrowser) browser = await launch();
});
afterAll(() => browser?.close());

/** Longer than the page waits before it asks the server again, ms. */
const PAUSE = 2000;

/** Waits for what the page shows, or shows no more, when it has asked again; its time is let go by as often as needed. */
async function soon(what: Locator, isShown = true): Promise<void> {
  await until(`${what} to be ${isShown ? "there" : "gone"}`, async () => {
    await what.page().clock.fastForward(PAUSE);
    return (await what.count()) > 0 === isShown;
  });
}

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const log = (page: Page, text: string) => page.locator("#log li", { hasText: text });

async function enter(page: Page, application: string, user: string, room: string): Promise<void> {
  await page.getByRole("combobox", { name: "Application", exact: true }).fill(application);
  await button(page, "Connect").click();
  await page.getByLabel("Name", { exact: true }).fill(user);
  await button(page, "Log in").click();
  await page.getByLabel("Room", { exact: true }).fill(room);
  await button(page, "Join").click();
  await page.locator("#rooms li", { hasText: room }).waitFor();
}

async function say(page: Page, type: string, data: string): Promise<void> {
  await page.getByLabel("Message type").fill(type);
  await page.getByLabel("Data, as JSON").fill(data);
  await button(page, "Send").click();
}

if (noBrowser) test.skip(`the page: skipped, ${noBrowser}`, () => {});
else
  onEachRuntime("the page", (runtime) => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startServer({ runtime, files });
    });

    test("plays: connect, log in, join, send, see what arrives, leave, disconnect", async () => {
      const { page, complaints } = await openPage(browser, server.consoleUrl);
      await enter(page, "chat", "ann", "lobby");
      await log(page, '"type":"welcome","data":"hello"').waitFor();
      const bob = await server.user("chat", "bob", "lobby");
      await page.locator("#rooms li", { hasText: "ann, bob" }).waitFor();

      await say(page, "say", '{"text":"from the page"}');
      expect((await bob.message("said")).data).toEqual({ from: "ann", data: { text: "from the page" } });
      await log(page, '"ok":true,"data":{"ok":true}').waitFor();
      bob.send({ event: "message", room: "lobby", type: "say", data: "from elsewhere" });
      await log(page, '"from":"bob","data":"from elsewhere"').waitFor();

      await say(page, "nothing", "");
      await page.locator("#problem", { hasText: "nothing" }).waitFor();
      expect(await page.locator("#log li.error").count()).toBe(1);
      await page.getByLabel("ask for a reply").uncheck();
      await say(page, "nothing", "");
      await page.locator('#log li.error:has-text("\\"event\\":\\"error\\"")').waitFor();

      await button(page, "Leave lobby").click();
      await bob.next((frame) => frame.event === "leave" && frame.user.name === "ann");
      await button(page, "Disconnect").click();
      await log(page, "connection closed: 1000").waitFor();
      await button(page, "Connect").waitFor();
      expect(complaints).toEqual([]);
      await page.close();
      bob.close();
    });

    test("lists applications, rooms and users as they come and go", async () => {
      const { page, complaints } = await openPage(browser, server.consoleUrl);
      const card = page.locator('article[data-application="chat"]');
      await card.locator(".version", { hasText: /^v\d+·[0-9a-f]{6}/ }).waitFor();
      const dora = await server.user("chat", "dora", "attic #1/2");
      const row = card.locator("tr", { hasText: "attic #1/2" });
      await soon(row.getByText("1 of 9"));
      await row.getByText("dora").waitFor();
      dora.close();
      await soon(row.getByText("0 of 9"));

      server.write("later.ts", chat("later"));
      await soon(page.locator('article[data-application="later"]'));
      server.remove("later.ts");
      await soon(page.locator('article[data-application="later"]'), false);
      expect(complaints).toEqual([]);
      await page.close();
    });

    test("shows a broken edit with its place and line while the old version runs, until it is mended", async () => {
      const { page } = await openPage(browser, server.consoleUrl);
      const card = page.locator('article[data-application="chat"]');
      const version = await card.locator(".version").first().textContent();
      server.write("chat.ts", chat("hello").replace("maxUsers: 9", "maxUsers: ;"));
      const failure = card.locator(".failure");
      await soon(failure.getByText("chat.ts:4:13"));
      expect(await failure.locator("pre").textContent()).toContain("4 │   maxUsers: ;");
      expect(await failure.textContent()).toContain(`Still running ${version}.`);
      server.write("chat.ts", chat("mended"));
      await soon(failure, false);
      await until(
        "the new version",
        async () => (await card.locator(".version").first().textContent()) !== version,
      );
      await page.close();
    });

    test("an edit changes the room of a page that stays connected", async () => {
      const { page } = await openPage(browser, server.consoleUrl);
      await enter(page, "chat", "eve", "studio");
      server.write("chat.ts", chat("edited").replace("from: user.name", 'from: "EDITED"'));
      await until("the edit", async () => {
        await say(page, "say", "1");
        return (await log(page, '"from":"EDITED"').count()) > 0;
      });
      expect(await log(page, "connection closed").count()).toBe(0);
      await page.close();
      server.write("chat.ts", chat("hello"));
    });

    test("what people send is shown as text and runs nothing", async () => {
      const { page, complaints } = await openPage(browser, server.consoleUrl);
      await enter(page, "chat", "fay", "lobby");
      const hostile = '<img src="x" onerror="document.title=1"><script>document.title=2</script>';
      await say(page, "say", JSON.stringify(hostile));
      await log(page, "<img src=").first().waitFor();
      expect(await page.locator("#log img, #log script").count()).toBe(0);
      expect(await page.title()).toBe("hotroom");
      expect(await page.locator("#log").textContent()).not.toMatch(/"session":"[^…]/);
      expect(complaints).toEqual([]);
      await page.close();
    });

    test("says what is wrong with an application that is not there, and with data that is no JSON", async () => {
      const { page } = await openPage(browser, server.consoleUrl);
      await page.getByRole("combobox", { name: "Application", exact: true }).fill("nobody");
      await button(page, "Connect").click();
      await page.locator("#problem", { hasText: 'there is no application "nobody"' }).waitFor();
      await enter(page, "chat", "gil", "lobby");
      await say(page, "say", "{oops");
      await page.locator("#problem", { hasText: "it is not JSON" }).waitFor();
      await page.close();
    });

    test("asks for the admin token where the server has one; the playground works without", async () => {
      const guarded = await startServer({ runtime, files, env: { HOTROOM_ADMIN_TOKEN: "open-sesame" } });
      const { page } = await openPage(browser, guarded.url);
      await page.getByLabel("the admin token").waitFor();
      await enter(page, "chat", "hal", "lobby");
      expect(await page.locator("article").count()).toBe(0);
      await page.getByLabel("the admin token").fill("wrong-guess");
      await button(page, "Use").click();
      await page.getByText("the secret is wrong").waitFor();
      await page.getByLabel("the admin token").fill("open-sesame");
      await button(page, "Use").click();
      await page.locator("article[data-application=chat]").waitFor();
      await page.close();
      await guarded.kill();
    });

    test("says so when the server is gone", async () => {
      const lost = await startServer({ runtime, files });
      const { page } = await openPage(browser, lost.consoleUrl);
      await page.locator("#server.ready").waitFor();
      await lost.kill();
      await soon(page.locator("#server.lost"));
      await page.close();
    });
  });
