/** The console in a real browser, for its tests. */
import { afterAll, beforeAll, test } from "bun:test";
import axe from "axe-core";
import type { Browser, Locator, Page } from "playwright-core";
import { launch, noBrowser, openPage } from "./browser.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { PATIENCE } from "./patience.ts";

/** What a test of the console uses. */
export interface ConsoleStage {
  readonly browser: Browser;
  /** One for all tests of the file. */
  readonly server: TestServer;
}

/**
 * Starts a browser and a server with these files for the tests of a file; returns what defines one, which is skipped where there is no
 * browser, and leaves no page open.
 */
export function consoleTests(files: Record<string, string>) {
  let stage: ConsoleStage | undefined;
  beforeAll(async () => {
    if (noBrowser) return;
    const [browser, server] = await Promise.all([launch(), startServer({ runtime: "bun", files })]);
    stage = { browser, server };
  });
  afterAll(() => stage?.browser.close());
  return (title: string, use: (stage: ConsoleStage) => Promise<void>) =>
    test.skipIf(noBrowser !== undefined)(title, async () => {
      if (!stage) throw new Error("Neither browser nor server has started.");
      await use(stage);
      for (const context of stage.browser.contexts()) await context.close();
    });
}

/** The console, opened as the server says, and everything that its browser complained about. */
export async function openConsole(browser: Browser, server: TestServer, place = "#/") {
  const { page, complaints } = await openPage(browser, server.consoleUrl, {
    viewport: { width: 1280, height: 860 },
    // What is still fading in has no contrast yet.
    reducedMotion: "reduce",
  });
  page.setDefaultTimeout(PATIENCE);
  await goTo(page, place);
  return { page, complaints };
}

/** Goes to a place of the console, as by a link. */
export async function goTo(page: Page, place: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, place);
}

/** What axe finds that keeps people out: rule and elements, of serious and critical impact. */
export async function barriers(page: Page): Promise<string[]> {
  // The page's own policy lets no script in; this is the browser's own doing.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe.source });
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      iframes: false,
    });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 3)
            .map(({ html }) => html.slice(0, 160))
            .join(" | ")}`,
      );
  });
  await session.detach();
  return found;
}

/** Longer than the console waits before it asks the server again, ms. */
const PAUSE = 2000;

/** Waits for what the page shows, or shows no more; its time is let go by as often as needed. */
export async function soon(what: Locator, isShown = true): Promise<void> {
  await until(`${what} to be ${isShown ? "there" : "gone"}`, async () => {
    await what.page().clock.fastForward(PAUSE);
    return (await what.count()) > 0 === isShown;
  });
}

/** A button by its name. */
export const button = (place: Page | Locator, name: string) =>
  place.getByRole("button", { name, exact: true });
