/** What becomes of the console in an open tab when its server is started again. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { launch, noBrowser } from "./browser.ts";
import { openConsole, soon } from "./console.ts";
import { until } from "./harness.ts";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";

/** Opens the console as a browser does; gives what a tab shows with each request. */
async function openTab({ server }: Restartable): Promise<Record<string, string>> {
  const opened = await fetch(server.consoleUrl, { redirect: "manual" });
  const cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
  const document = { "sec-fetch-site": "none", "sec-fetch-dest": "document", "sec-fetch-mode": "navigate" };
  const text = await (await fetch(server.url, { headers: { ...document, cookie } })).text();
  const key = text.match(/name="hotroom-key" content="([\w-]+)"/)?.[1] ?? "";
  return { "sec-fetch-site": "same-origin", cookie, "x-hotroom-key": key };
}

onEachRuntime("the console, and its server started again", (runtime) => {
  test("a tab goes on by a file in the data folder that opens nothing and is its owner's alone", async () => {
    const it = await new Restartable(runtime, {}).start();
    // From now on its port is one that was asked for.
    await it.restart();
    const headers = await openTab(it);
    const ask = async () => (await fetch(`${it.server.url}/api/session`, { headers })).status;
    expect(await ask()).toBe(200);
    const kept = () => readdirSync(it.data).find((name) => /^console-\w+$/.test(name));
    await until("it to be kept", () => kept() !== undefined);
    const file = join(it.data, kept() as string);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const secret of [headers.cookie?.split("=")[1], headers["x-hotroom-key"]])
      expect(readFileSync(file, "utf8")).not.toContain(secret as string);
    await it.restart();
    expect(await ask()).toBe(200);
    await fetch(`${it.server.url}/console/session`, { method: "DELETE", headers });
    await until("it to be forgotten", () => readFileSync(file, "utf8") === "[]");
    await it.restart();
    expect(await ask()).toBe(401);
    await it.kill();
  });
});

if (noBrowser) test.skip(`a locked console: skipped, ${noBrowser}`, () => {});
else
  onEachRuntime(
    "a console that a restart has locked",
    (runtime) => {
      test("a tab whose server could keep nothing says what to do", async () => {
        const it = await new Restartable(runtime, {}, ["--data", "not-there"]).start();
        const browser = await launch();
        const { page } = await openConsole(browser, it.server);
        await page.locator('html[data-link="live"]').waitFor({ state: "attached" });
        await it.restart();
        await soon(page.getByRole("heading", { name: "The console is locked" }));
        const text = await page.locator("main").textContent();
        expect(text).toContain("This tab was open, and is let in no more");
        expect(text).toContain("hotroom serve and hotroom dev print a new address");
        await browser.close();
        await it.kill();
      });
    },
    ["bun"],
  );
