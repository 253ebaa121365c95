/** The console in many tabs of one browser. */
import { afterAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launch, noBrowser } from "./browser.ts";
import { startServer } from "./harness.ts";
import { PATIENCE } from "./patience.ts";

/** More than browsers have connections to one server. */
const TABS = 7;
const files = { "chat.ts": `import { defineRoom } from "hotroom";\nexport default defineRoom({});\n` };

let browser: Browser | undefined;
afterAll(() => browser?.close());

/** Has a page believe that nobody sees it, or that somebody does again: without a screen all of a browser's tabs are seen. */
const show = (page: Page, isShown: boolean) =>
  page.evaluate((isShown) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => !isShown });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isShown);

test.skipIf(noBrowser !== undefined)(
  "tabs that nobody sees leave the browser's connections to the one that is seen, and follow again when they are",
  async () => {
    const server = await startServer({ runtime: "bun", files });
    browser = await launch();
    const context = await browser.newContext();
    context.setDefaultTimeout(PATIENCE);
    const open = async () => {
      const tab = await context.newPage();
      await tab.goto(`${server.consoleUrl}#/a/chat/rooms`);
      await tab.getByText("No room is open.").waitFor();
      return tab;
    };
    const first = await open();
    let last = first;
    for (let tabs = 1; tabs < TABS; tabs++) {
      await show(last, false);
      last = await open();
    }
    await server.user("chat", "ann", "hall");
    await last.locator('[data-room="hall"]').waitFor();
    expect(await first.locator('[data-room="hall"]').count()).toBe(0);
    await show(last, false);
    await first.bringToFront();
    await show(first, true);
    await first.locator('[data-room="hall"]').waitFor();
  },
);
