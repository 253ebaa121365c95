/** The SDK in a real browser: networks that go and come, pages that are reloaded, left, hidden, frozen and duplicated. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launch, noBrowser } from "../e2e/browser.ts";
import { until } from "../e2e/harness.ts";
import { PATIENCE } from "../e2e/patience.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import { SessionServer } from "./session_server.ts";

setDefaultTimeout(60_000);
const sdk = Bun.file(join(import.meta.dir, "../../src/http/client.generated.js"));

/** A page that logs in where it is nobody yet, and is in a room. */
const html = (server: string) => `<!doctype html><title>lobby</title><script type="module">
  import { connect } from "/client.js";
  window.events = [];
  window.heard = [];
  const reconnect = { minDelay: 5, maxDelay: 50, spread: 50 };
  const client = (window.client = await connect("${server}", { store: !location.search, reconnect, liveness: 3000 }));
  for (const name of ["away", "back", "reset", "expired", "close"])
    client.on(name, (event) => events.push(name === "back" ? "back " + event.outcome : name));
  if (!client.user) await client.login({ name: "ann" });
  const room = (window.room = await client.join("lobby"));
  room.messages.on("said", (data) => heard.push(data));
  window.ready = true;
</script>`;

let browser: Browser;
let site: Bun.Server<undefined>;
let page: Page;
let context: BrowserContext;
let server: SessionServer;
let proxy: CuttingProxy;

beforeAll(async () => {
  if (noBrowser) return;
  browser = await launch();
  site = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/client.js")
        return new Response(sdk, { headers: { "content-type": "text/javascript" } });
      const text = pathname === "/elsewhere" ? "<title>elsewhere</title>" : html(proxy.url(server.url));
      return new Response(text, { headers: { "content-type": "text/html" } });
    },
  });
});
afterAll(async () => {
  await browser?.close();
  await site?.stop(true);
});

const evaluate = <T>(code: string, of = page) => of.evaluate<T>(code);
const ready = (of: Page) => of.waitForFunction("window.ready", undefined, { timeout: PATIENCE });
const holds = (code: string, of = page) => of.waitForFunction(code, undefined, { timeout: PATIENCE });
const joins = () => server.frames.filter(({ event }) => event === "join").length;

/** Each test has a server, a browser's profile and a page of its own. */
function inBrowser(title: string, run: () => Promise<void>): void {
  test.skipIf(noBrowser !== undefined)(title, async () => {
    server = new SessionServer();
    proxy = await CuttingProxy.to(server.url);
    context = await browser.newContext();
    page = await context.newPage();
    try {
      await page.goto(site.url.href);
      await ready(page);
      await run();
    } finally {
      await context.close();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    }
  });
}

inBrowser("off the network and on again: it waits, comes back, and has missed nothing", async () => {
  await context.setOffline(true);
  await holds("client.state === 'away'");
  server.said(1);
  await evaluate("void (window.asked = room.request('ask', 'while off'))");
  const { opened } = server;
  await context.setOffline(false);
  expect(await evaluate<unknown>("asked")).toBe("while off");
  await holds("heard.length === 1");
  expect(await evaluate<unknown>("events")).toEqual(["away", "back resumed"]);
  expect(server.opened).toBe(opened + 1);
});

inBrowser("a link that goes silent is noticed, and one that is reset", async () => {
  for (const [at, how] of (["silence", "rst", "fin"] as const).entries()) {
    proxy.cut(how);
    await holds(`events.length === ${2 * at + 2}`);
    server.said(how);
    await holds(`heard.at(-1) === "${how}"`);
  }
  expect(await evaluate<unknown>("[heard.length, client.rooms.get('lobby') === room]")).toEqual([3, true]);
});

inBrowser("a reload goes on with the same user in the same room", async () => {
  const before = await evaluate<unknown>("client.user");
  server.isMute = true;
  server.said("as it reloads");
  server.isMute = false;
  await page.reload();
  await ready(page);
  await holds("heard.length === 1");
  expect(await evaluate<unknown>("[client.user, heard, events]")).toEqual([before, ["as it reloads"], []]);
  expect(joins()).toBe(1);
  // Answers to the page before are not taken for those to this one.
  const ids = server.frames.filter(({ id }) => id !== undefined).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(await evaluate<unknown>("room.request('ask', 1)")).toBe(1);
});

inBrowser(
  "a page that is left and gone back to comes back as it was, also where another has gone on",
  async () => {
    await page.goto(`${site.url}elsewhere`);
    server.said("while it was aside");
    await evaluate("history.back()").catch(() => {});
    await page.waitForURL(site.url.href, { waitUntil: "commit" });
    await holds("window.heard?.length === 1");
    expect(await evaluate<unknown>("[events, client.user.id]")).toEqual([["away", "back resumed"], "u1"]);

    await page.goto(`${site.url}second`);
    await ready(page);
    expect(await evaluate<unknown>("client.user.id")).toBe("u1");
    expect(await evaluate<unknown>("room.request('ask', 'the second')")).toBe("the second");
    await evaluate("history.back()").catch(() => {});
    await page.waitForURL(site.url.href, { waitUntil: "commit" });
    await holds("window.events?.length === 4");
    expect(await evaluate<unknown>("room.request('ask', 'the first')")).toBe("the first");
    expect(await evaluate<unknown>("[client.user.id, client.state]")).toEqual(["u1", "online"]);
    expect(server.handled).toEqual([
      ["ask", "the second"],
      ["ask", "the first"],
    ]);
  },
);

inBrowser("a reload that does not reach the server leaves the session for the next one", async () => {
  proxy.isUp = false;
  const failed = page.waitForEvent("pageerror");
  await page.reload();
  expect(String(await failed)).toContain("Cannot connect");
  proxy.isUp = true;
  await page.reload();
  await ready(page);
  expect(await evaluate<unknown>("client.user.id")).toBe("u1");
});

inBrowser("a page that goes for good, and keeps nothing for another, leaves at once", async () => {
  await page.goto(`${site.url}?nothing-kept`);
  await ready(page);
  const { length } = server.closes;
  await page.reload();
  await ready(page);
  await until("the close", () => server.closes.length > length);
  expect(server.closes.at(-1)).toBe(1000);
  expect(await evaluate<unknown>("events")).toEqual([]);
});

inBrowser("a tab that is duplicated is another user's, and takes nobody's place", async () => {
  // As in a duplicated tab, sessionStorage is copied.
  const [copy] = await Promise.all([
    context.waitForEvent("page"),
    page.evaluate("void window.open(location.href)"),
  ]);
  await ready(copy as Page);
  const users = () =>
    Promise.all([page, copy as Page].map((each) => evaluate<string>("client.user.id", each)));
  expect(await users()).toEqual(["u1", "u2"]);
  await (copy as Page).reload();
  await ready(copy as Page);
  expect(await users()).toEqual(["u1", "u2"]);
  expect(await evaluate<unknown>("[events, client.state]")).toEqual([[], "online"]);
});

inBrowser("a reload goes on with its user also where the page before takes long to go", async () => {
  const name = await evaluate<string>("JSON.parse(sessionStorage.getItem(sessionStorage.key(0))).lock");
  const slow = await context.newPage();
  await slow.goto(`${site.url}elsewhere`);
  // Whatever still has the lock of a page that has gone, and says nothing.
  await slow.evaluate((name) => {
    void navigator.locks.request(name, () => new Promise((resolve) => setTimeout(resolve, 1_500)));
  }, name);
  await page.reload();
  await ready(page);
  expect(await evaluate<unknown>("[client.user.id, events]")).toEqual(["u1", []]);
  expect(joins()).toBe(1);
});

inBrowser("without Web Locks, as where a page is not served safely, tabs are told apart too", async () => {
  await context.addInitScript("Object.defineProperty(navigator, 'locks', { value: undefined })");
  await evaluate("sessionStorage.clear()");
  await page.reload();
  await ready(page);
  const own = await evaluate<string>("client.user.id");
  const [copy] = await Promise.all([
    context.waitForEvent("page"),
    page.evaluate("void window.open(location.href)"),
  ]);
  await ready(copy as Page);
  expect(await evaluate<string>("client.user.id", copy as Page)).not.toBe(own);
  await page.reload();
  await ready(page);
  expect(await evaluate<string>("client.user.id")).toBe(own);
});

inBrowser("a hidden page waits until it is seen, and a frozen one hears all when it thaws", async () => {
  await evaluate(`
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => window.visible ?? "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
    client.simulate.drop();`);
  const { opened } = server;
  expect(await evaluate<unknown>("client.state")).toBe("away");
  server.said("hidden");
  // Many times the longest wait between two tries.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([server.opened, await evaluate<unknown>("client.state")]).toEqual([opened, "away"]);
  await evaluate(`window.visible = "visible"; document.dispatchEvent(new Event("visibilitychange"));`);
  await holds("heard.length === 1");

  const devtools = await context.newCDPSession(page);
  await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
  server.said("frozen");
  await devtools.send("Page.setWebLifecycleState", { state: "active" });
  await holds("heard.length === 2");
  expect(await evaluate<unknown>("[heard, client.state]")).toEqual([["hidden", "frozen"], "online"]);
});
