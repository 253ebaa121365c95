/** A real browser for the tests of the page: Chromium as the system installed it, or the one in HOTROOM_CHROMIUM. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { PATIENCE } from "./patience.ts";

const executablePath =
  process.env.HOTROOM_CHROMIUM ??
  Bun.which("chromium") ??
  Bun.which("chromium-browser") ??
  Bun.which("google-chrome");

/** Why there is no browser; undefined where there is one. */
export const noBrowser = executablePath
  ? undefined
  : "there is no Chromium on the PATH nor in HOTROOM_CHROMIUM";

/** Starts the browser; it goes nowhere but where a test sends it. */
export function launch(): Promise<Browser> {
  const off = ["background-networking", "component-update", "sync", "gpu"].map((what) => `--disable-${what}`);
  return chromium.launch({
    executablePath: executablePath ?? "",
    args: ["--no-sandbox", "--no-first-run", ...off],
    // Pages that are left are kept for a way back, as browsers do it.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
}

/** What the browser says of a connection that is closed while it opens, or written to while it closes: as tests of trouble have it. */
const givenUp = /WebSocket is (?:already in CLOSING|closed before the connection is established)/;

/** A page, and everything that it or its console complained about. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(PATIENCE);
  // Time goes by as ever, and faster where a test lets it.
  await page.clock.install();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    const text = message.text();
    if (["error", "warning"].includes(message.type()) && !givenUp.test(text)) complaints.push(text);
  });
  await page.goto(url);
  return { page, complaints };
}
