/** What a page of an application can get at in a browser in which the console is open. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { openingFile } from "../../src/cli/dev/opening_file.ts";
import { launch, noBrowser } from "./browser.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { PATIENCE } from "./patience.ts";
import { onEachRuntime } from "./runtimes.ts";

const page = "<!doctype html><title>evil</title>";
const files = {
  "evil/public/index.html": page,
  "evil/public/worker.js": `
    addEventListener("install", () => skipWaiting());
    addEventListener("fetch", (event) => {
      if (!event.request.url.endsWith("/evil/home")) return;
      // What the browser opens as a document is led to the console, and asked for as it was.
      const asked = [
        fetch(event.request),
        fetch(new Request(event.request, { redirect: "follow" })),
        fetch("/", { credentials: "include" }),
      ].map((answer) => answer.then((found) => found.text()).catch(String));
      event.respondWith(Promise.all(asked).then((texts) => new Response(texts.join("\\n"))));
    });`,
  "evil/app.ts": `
import { defineApplication } from "hotroom";
export default defineApplication({
  state: () => ({ asked: [] as unknown[] }),
  events: {
    request(app, { path, headers }) {
      if (path === "/home") return { status: 303, headers: { location: "/" } };
      if (path === "/logout") return { headers: { "set-cookie": "hotroom_console_1=; Max-Age=0" }, body: "x" };
      return { cookie: headers.cookie ?? null };
    },
  },
});`,
};

let browser: Browser;
beforeAll(async () => {
  if (!noBrowser) browser = await launch();
});
afterAll(() => browser?.close());

/** What the evil page does; each gives what it has got hold of. */
const attempts: Record<string, () => Promise<string>> = {
  "asks the API": async () => {
    const read = await fetch("/api/applications");
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"type":"x"}' };
    const changed = await fetch("/api/applications/evil/emit", init);
    return `${read.status} ${changed.status}`;
  },
  "asks the API as if it were the console": async () => {
    history.replaceState(null, "", "/");
    const headers = { "x-hotroom-key": "x".repeat(32) };
    return String((await fetch("/api/applications", { referrer: "/", headers })).status);
  },
  "fetches the console, from the cache too": async () => {
    const texts = [];
    for (const cache of ["default", "force-cache", "only-if-cached"] as const) {
      const init: RequestInit = { cache, mode: "same-origin", credentials: "include" };
      texts.push(
        await fetch("/", init)
          .then((answer) => answer.text())
          .catch(String),
      );
    }
    return texts.join("\n");
  },
  "frames the console": async () => {
    const frame = document.createElement("iframe");
    frame.src = "/";
    const loaded = new Promise((resolve) => {
      frame.onload = resolve;
    });
    document.body.append(frame);
    await loaded;
    try {
      return frame.contentDocument?.documentElement.outerHTML ?? "nothing";
    } catch (error) {
      return String(error);
    }
  },
  "opens the console": async () => {
    const opened = window.open("/", "_blank");
    // Until it is cut off, or has shown what it has.
    for (let round = 0; round < 100; round++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (!opened || opened.closed) return "cut off";
      let text: string;
      try {
        text = opened.document.documentElement.outerHTML;
      } catch {
        return "cut off";
      }
      if (text.includes("hotroom-key") || text.includes("Applications")) return text;
    }
    return "nothing";
  },
  "is led to the console in a worker": async () => {
    const { active, installing } = await navigator.serviceWorker.register("/apps/evil/worker.js");
    const worker = installing ?? active;
    await new Promise<void>((resolve) => {
      if (worker?.state === "activated") resolve();
      worker?.addEventListener("statechange", () => worker.state === "activated" && resolve());
    });
    const frame = document.createElement("iframe");
    frame.src = "/apps/evil/home";
    const loaded = new Promise((resolve) => {
      frame.onload = resolve;
    });
    document.body.append(frame);
    await loaded;
    return frame.contentDocument?.documentElement.outerHTML ?? "nothing";
  },
};

async function open(context: BrowserContext, url: string): Promise<Page> {
  const opened = await context.newPage();
  opened.setDefaultTimeout(PATIENCE);
  await opened.goto(url);
  return opened;
}

/** Sees the key go by on the way of the console's own requests. */
function keyOf(console: Page): Promise<string> {
  return new Promise((resolve) =>
    console.on("request", (request) => {
      const key = request.headers()["x-hotroom-key"];
      if (key) resolve(key);
    }),
  );
}

if (noBrowser) test.skip(`the console's access: skipped, ${noBrowser}`, () => {});
else
  onEachRuntime("the console's access", (runtime) => {
    let server: TestServer;
    let context: BrowserContext;
    let key: string;
    beforeAll(async () => {
      server = await startServer({ runtime, files });
      context = await browser.newContext();
      const console = await context.newPage();
      const shown = keyOf(console);
      await console.goto(server.consoleUrl);
      key = await shown;
      expect(console.url()).toBe(`${server.url}/`);
    });
    afterAll(() => context?.close());

    test("the printed address opens it, and its cookie is none of scripts' or of pages'", async () => {
      expect(key).toHaveLength(43);
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/" });
      const evil = await open(context, `${server.url}/apps/evil/`);
      expect(await evil.evaluate(() => document.cookie)).toBe("");
      expect(await evil.evaluate(async () => (await fetch("/apps/evil/echo")).json())).toEqual({
        cookie: null,
      });
      await evil.evaluate(() => fetch("/apps/evil/logout"));
      expect(await context.cookies()).toEqual([cookie as object] as never);
      await evil.close();
    });

    test.each(Object.keys(attempts))("a page of an application that %s gets nothing", async (name) => {
      const evil = await open(context, `${server.url}/apps/evil/`);
      const got = await evil.evaluate(attempts[name] as () => Promise<string>);
      expect(got).not.toContain(key);
      expect(got).not.toContain("v1·");
      if (name.startsWith("asks")) expect(got).toMatch(/^(401 ?)+$/);
      if (name === "opens the console") expect(got).toBe("cut off");
      await Promise.all(
        context
          .pages()
          .slice(1)
          .map((each) => each.close()),
      );
    });

    test("the console itself goes on, also after a reload", async () => {
      const [console] = context.pages() as [Page];
      const shown = keyOf(console);
      await console.reload();
      expect(await shown).toBe(key);
      await until("the list", async () => (await console.locator('[data-application="evil"]').count()) > 0);
    });

    test("without browser headers this machine may use the API as before, and a key is worth nothing alone", async () => {
      const ask = (headers: Record<string, string>) =>
        fetch(`${server.url}/api/applications`, { headers }).then((answer) => answer.status);
      expect(await ask({})).toBe(200);
      expect(await ask({ "sec-fetch-site": "same-origin", "x-hotroom-key": key })).toBe(401);
      const [cookie] = await context.cookies();
      const session = `a=b; ${cookie?.name}=${cookie?.value}`;
      expect(await ask({ "sec-fetch-site": "same-origin", cookie: session })).toBe(401);
      expect(await ask({ "sec-fetch-site": "same-origin", cookie: session, "x-hotroom-key": key })).toBe(200);
    });

    test("a page that sets cookies of its name locks nobody out", async () => {
      const evil = await open(context, `${server.url}/apps/evil/`);
      const [own] = await context.cookies();
      await evil.evaluate((name) => {
        // biome-ignore lint/suspicious/noDocumentCookie: it is what such a page does.
        document.cookie = `${name}=x; path=/api`;
        // biome-ignore lint/suspicious/noDocumentCookie: as above.
        document.cookie = `=${name}=y; path=/api/applications`;
      }, own?.name ?? "");
      expect((await context.cookies(`${server.url}/api/applications`)).length).toBeGreaterThan(1);
      const console = await open(context, server.url);
      const status = async () =>
        await console.evaluate(
          (headers) => fetch("/api/applications", { headers }).then((answer) => answer.status),
          { "x-hotroom-key": key },
        );
      expect(await status()).toBe(200);
      await evil.close();
      await console.close();
      for (const { name, path } of await context.cookies(`${server.url}/api/applications`))
        if (path !== "/") await context.clearCookies({ name, path });
    });

    test("the file that a development server has a browser open leads to it, too", async () => {
      const elsewhere = await browser.newContext();
      const console = await elsewhere.newPage();
      const shown = keyOf(console);
      await console.goto(`file://${openingFile(server.consoleUrl)}`);
      expect(await shown).not.toBe("");
      expect(console.url()).toBe(`${server.url}/`);
      // Neither page that led here is one to go back to.
      expect(await console.evaluate(() => [history.length, document.referrer])).toEqual([2, ""]);
      await elsewhere.close();
    });

    test("a token opens it for what the token may do, and no secret is printed then", async () => {
      const guarded = await startServer({ runtime, files: {}, env: { HOTROOM_ADMIN_TOKEN: "open-sesame" } });
      await guarded.logged(/console: \S+\/, opened by the admin token/);
      expect(guarded.output()).not.toContain("?secret=");
      const elsewhere = await browser.newContext();
      const console = await elsewhere.newPage();
      const shown = keyOf(console);
      await console.goto(`${guarded.url}/?secret=open-sesame`);
      const headers = { "x-hotroom-key": await shown };
      const scopes = console.evaluate(async (init) => (await fetch("/api/session", init)).json(), {
        headers,
      });
      expect(await scopes).toEqual({ scopes: ["read", "operate", "edit"] });
      await elsewhere.close();
      await guarded.kill();
    });

    test("secrets are not guessed for long", async () => {
      const guess = () => fetch(`${server.url}/?secret=guess`, { redirect: "manual" });
      expect((await guess()).headers.get("location")).toBe("/?refused=1");
      const statuses = [];
      for (let round = 0; round < 12; round++) {
        const body = JSON.stringify({ secret: "guess" });
        const headers = { "content-type": "application/json" };
        statuses.push(
          (await fetch(`${server.url}/console/session`, { method: "POST", body, headers })).status,
        );
      }
      expect(statuses).toContain(429);
      const right = await fetch(server.consoleUrl, { redirect: "manual" });
      expect(right.headers.get("set-cookie")).toBeNull();
    });
  });
