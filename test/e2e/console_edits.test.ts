/** What the console changes of what runs: states of rooms and applications, the networks of connections; in a real browser. */
import { expect } from "bun:test";
import { barriers, button, consoleTests, goTo, openConsole, soon } from "./console.ts";
import { until } from "./harness.ts";

const room = `
import { defineRoom } from "hotroom";
export default defineRoom({
  state: () => ({ total: 0 }),
  messages: { add(room, user, by: number) { room.broadcast("total", (room.state.total += by)); } },
});`;
const files = {
  "bare.ts": room,
  "kept/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({ state: () => ({ open: { monday: true } }) });`,
  "kept/hotroom.json": `{ "rooms": "join" }`,
  "kept/rooms/hall.ts": room,
};

const used = consoleTests(files);

used(
  "adds to states and takes out of them, an application's too, and puts connections to trouble",
  async ({ browser, server }) => {
    const { page, complaints } = await openConsole(browser, server);
    const ann = await server.user("kept", "ann", "hall");
    const tree = page.locator('[data-state="now"]');
    const add = async (to: string, value: string, key?: string) => {
      await button(tree, `Add to ${to}`).click();
      if (key !== undefined) await tree.getByLabel("New key").fill(key);
      await tree.getByLabel("New value, as JSON").fill(value);
      await page.keyboard.press("Enter");
    };
    const state = async (path: string) => {
      const answer = await server.fetch(`/api/applications/kept${path}/state`);
      return ((await answer.json()) as { state: unknown }).state;
    };
    await goTo(page, "#/a/kept/rooms/hall");
    await add("the state", "1", "total");
    await tree.getByRole("alert").getByText("there is such a key").waitFor();
    await page.keyboard.press("Escape");
    await add("the state", "[1]", "list");
    await add("list", '{"name":"ann"}');
    await add("list", "{oops");
    await tree.getByRole("alert").getByText("no JSON").waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await tree.locator(".node-head", { hasText: "1{1}" }).click();
    await add("1", "null", "deep");
    await button(tree, "Take out 0").click();
    await tree.getByText("list[1]").waitFor();
    expect(await state("/rooms/hall")).toEqual({ total: 0, list: [{ name: "ann", deep: null }] });
    await soon(
      page.getByRole("list", { name: "Events" }).locator("li.event", { hasText: /take out\s*list\.0/ }),
    );
    page.once("dialog", (dialog) => void dialog.dismiss());
    await button(tree, "Take out 0").click();

    await button(tree, "Insert before 0").click();
    await tree.getByLabel("New value, as JSON").fill('"first"');
    await page.keyboard.press("Enter");
    await tree.getByText('"first"').waitFor();
    expect(await state("/rooms/hall")).toEqual({ total: 0, list: ["first", { name: "ann", deep: null }] });
    // The tree looks again, and shows what is there, once a second has passed: until then the list has moved under it.
    const url = `/api/applications/kept/rooms/hall/state`;
    const headers = { "content-type": "application/json" };
    const asked = page.waitForEvent("dialog").then(async (dialog) => {
      await dialog.dismiss();
      return dialog.message();
    });
    await page.route("**/rooms/hall/state", async (route) => {
      const body = JSON.stringify({ path: ["list", 0], value: "newer", insert: true });
      if (route.request().method() === "PUT") await server.fetch(url, { method: "PUT", headers, body });
      await route.continue();
    });
    await button(tree, "Take out 0").click();
    expect(await asked).toBe(
      'What was at list.0 has changed meanwhile: now it is "newer". Edit it all the same?',
    );
    await tree.getByText('"newer"').waitFor();
    await page.unroute("**/rooms/hall/state");
    expect(await state("/rooms/hall")).toMatchObject({ list: ["newer", "first", { name: "ann" }] });

    page.once("dialog", (dialog) => void dialog.accept());
    await button(tree, "Take out list").click();
    await tree.getByText("list", { exact: true }).waitFor({ state: "detached" });
    expect(await state("/rooms/hall")).toEqual({ total: 0 });

    await goTo(page, "#/a/kept/state");
    await add("open", "true", "tuesday");
    await button(tree, "Take out monday").click();
    await until("the edit", async () => JSON.stringify(await state("")) === '{"open":{"tuesday":true}}');
    expect(await barriers(page)).toEqual([]);

    await goTo(page, "#/a/kept/users");
    const listed = page.locator('[data-user="ann"]');
    await button(listed, "Freeze 30 s").click();
    await listed.getByText(/^frozen for \d/).waitFor();
    ann.send({ event: "message", room: "hall", type: "add", data: 1 });
    await soon(listed.getByText(/inbox [1-9]\d+ B/));
    expect(await barriers(page)).toEqual([]);
    await listed.getByLabel("Delay").selectOption("100 ms");
    await listed.getByText(/^delayed by 100 ms for /).waitFor();
    await button(listed, "End it").click();
    await ann.message("total");
    await listed.getByText(/^frozen/).waitFor({ state: "detached" });
    await soon(button(listed, "End it"), false);
    await goTo(page, "#/a/bare/state");
    await page.getByText("no script of its own").waitFor();
    expect(complaints.filter((text) => !text.includes("409"))).toEqual([]);
  },
);
