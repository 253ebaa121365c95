/** What there is to look at on every page of the console: servers with a little of everything, and the ways to each page. */
import { cpSync } from "node:fs";
import type { Page } from "playwright-core";
import { barriers, goTo } from "./console.ts";
import { examples, makeFolder, startServer, type TestServer } from "./harness.ts";

/** The folder that gets pictures of all pages, if any. */
export const pictures = process.env.HOTROOM_SCREENS;

/** Rooms of the application that has many: more than are drawn. */
const MANY = pictures ? 1000 : 100;

const score = (adds: string) => `
import { defineRoom } from "hotroom";
import * as v from "valibot";
export default defineRoom({
  state: () => ({ total: 0, history: [] as number[], topic: "what is added here, by whom, and how often", best: { name: "ann", by: 2 } }),
  messages: {
    add: {
      schema: v.object({ by: v.number(), why: v.optional(v.string()) }),
      handle(room, user, data) {
        room.state.total ${adds};
        room.state.history.push(data.by);
        console.log(user.name, "adds", data.by);
        room.broadcast("total", { total: room.state.total, by: user.name });
      },
    },
  },
});
`;

const crowd = {
  "crowd/hotroom.json": JSON.stringify({ maxRooms: 2 * MANY }),
  "crowd/rooms/small.ts": `import { defineRoom } from "hotroom";\nexport default defineRoom({});\n`,
  "crowd/rooms/large.ts": `import { defineRoom } from "hotroom";\nexport default defineRoom({ maxUsers: 40 });\n`,
};

/** A server on which much has happened: rooms, users, and edits that came to each end that an edit can come to. */
export async function startBusyServer(): Promise<TestServer> {
  const extensions = makeFolder({
    ...crowd,
    "score.ts": score("+= data.by"),
    "never.ts": `import { defineRoom } from "hotroom";\nexport default defineRoom({ maxUsers: ; });\n`,
  });
  cpSync(examples, extensions, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const server = await startServer({ runtime: "bun", extensions, args: ["--data", makeFolder()] });
  await Promise.all([edit(server), fill(server)]);
  return server;
}

async function edit(server: TestServer): Promise<void> {
  const ann = await server.user("score", "ann", "hall");
  await server.user("score", "someone whose name is as long as names may be", "hall");
  const add = (by: number) =>
    ann.ok({ event: "message", room: "hall", type: "add", data: { by, why: "because" } });
  for (const by of [1, 2, 3]) await add(by);
  const save = async (path: string, source: string, logged: RegExp) => {
    const start = server.output().length;
    server.write(path, source);
    await server.logged(logged, start);
  };
  await save("score.ts", score("+= 2 * data.by"), /score v2·/);
  await add(4);
  await save("score.ts", score("+= room.nothing.here"), /score v3·/);
  await add(5);
  await server.logged(/rolled back|quarantine/i);
  for (const by of [6, 4]) await add(by);
  await save("score.ts", score("+= ;"), /score\.ts:10:\d+/);
}

async function fill(server: TestServer): Promise<void> {
  const create = (n: number) => {
    const body = JSON.stringify({ room: `room ${n}`, type: n % 7 === 0 ? "large" : "small", keep: true });
    const headers = { "content-type": "application/json" };
    return server.fetch("/api/applications/crowd/rooms", { method: "POST", headers, body });
  };
  for (let n = 0; n < MANY; n += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => create(n + i)));
}

/** A page to look at: its name, and how the console comes to show it. */
type Place = readonly [name: string, go: (page: Page) => Promise<unknown>];

const at =
  (place: string, ...texts: (string | RegExp)[]) =>
  async (page: Page) => {
    await goTo(page, place);
    for (const text of texts) await page.getByText(text).first().waitFor();
  };
const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first();
const event = (page: Page) => page.locator("li.event", { hasText: '"by":7' }).first();

/** Has a player send a message, since what was before a snapshot is in no timeline; then goes to its room. */
async function room(page: Page): Promise<void> {
  await goTo(page, "#/a/score/players");
  await button(page, "Send").click();
  await goTo(page, "#/a/score/rooms/hall");
  await event(page).waitFor();
}

/** Every page of the console, and what can be opened on them, in an order in which one leads to the next. */
export const places: readonly Place[] = [
  ["first", at("#/", "quarantined", "score.ts:10:")],
  ["rooms", at("#/a/score/rooms", "1 open")],
  ["rooms-none", at("#/a/quiz/rooms", "No room is open.")],
  ["rooms-many", at("#/a/crowd/rooms", /00 open/)],
  [
    "rooms-filtered",
    async (page) => {
      await page.getByRole("searchbox").fill("nowhere");
      await page.getByText("No open room is called so.").waitFor();
    },
  ],
  ["players-none", at("#/a/score/players", "Nobody plays here yet.")],
  [
    "players",
    async (page) => {
      const inHall = page.locator('[data-room="hall"]');
      await page.getByLabel("Room to join").fill("hall");
      await button(page, "Add a player").click();
      await inHall.first().waitFor();
      await button(page, "Add a player").click();
      await inHall.nth(1).waitFor();
      const [first] = await page.getByRole("article").all();
      await first?.getByLabel("Message type").fill("add");
      await first?.getByLabel("by", { exact: true }).fill("7");
      await first?.getByLabel("by", { exact: true }).press("Enter");
      await page.getByText('"total"').first().waitFor();
    },
  ],
  ["room", room],
  [
    "room-then",
    async (page) => {
      await button(page, "Explain").click();
      await event(page).getByRole("button").click();
      await page.locator('[data-state="then"]').getByText("total").first().waitFor();
      await page.locator("li.event").getByText("broadcast").first().waitFor();
    },
  ],
  [
    "room-added-to",
    async (page) => {
      await button(page, "Back to now").click();
      await button(page, "Add to the state").click();
      await page.getByLabel("New value, as JSON").waitFor();
    },
  ],
  ["state", at("#/a/quiz/state", "State of app.ts", "{")],
  ["state-none", at("#/a/score/state", "no script of its own")],
  ["room-gone", at("#/a/score/rooms/nowhere", "is not open")],
  [
    "players-page",
    async (page) => {
      await at("#/a/chat/players")(page);
      await button(page, "Add its page").click();
      await page.frameLocator("iframe").getByText("Come in").waitFor();
    },
  ],
  ["editor", at("#/a/score/editor", "as on the disk")],
  [
    "editor-edited",
    async (page) => {
      await page.getByRole("textbox", { name: "score.ts" }).click();
      await page.keyboard.press("Control+a");
      await page.keyboard.insertText(score("+= 3 * data.by"));
      await page.getByText("not saved").first().waitFor();
      await button(page, "Rehearse").click();
      await page.getByText(/Rehearsed/).waitFor();
    },
  ],
  [
    "room-replayed",
    async (page) => {
      await room(page);
      await button(page, "Replay with the edited code").click();
      await page.getByText("With the edited code:").waitFor();
      await event(page).getByRole("button").click();
    },
  ],
  ["versions", at("#/a/score/versions", "quarantined")],
  ["users", at("#/a/score/users", /lag \d/)],
  [
    "users-troubled",
    async (page) => {
      await button(page, "Freeze 30 s").click();
      await page.getByText("frozen for").waitFor();
    },
  ],
  ["users-none", at("#/a/quiz/users", "Nobody is logged in.")],
  ["logs", at("#/a/score/logs", "ann adds 4")],
  ["load", at("#/a/score/load", "Events a second", "messages.add")],
  ["failed", at("#/a/never/rooms", "never.ts:2:")],
  ["no-application", at("#/a/nobody", "There is no application")],
  [
    "keys",
    async (page) => {
      await at("#/")(page);
      await page.getByRole("button", { name: "Keys" }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  [
    "lost",
    async (page) => {
      await button(page, "Close").click();
      await page.context().setOffline(true);
      await page.getByText("does not answer").waitFor();
    },
  ],
];

const [DESK, PHONE] = [
  { width: 1280, height: 860 },
  { width: 390, height: 844 },
];
const kinds = [
  { kind: "desk-light", viewport: DESK, colorScheme: "light" },
  { kind: "phone-dark", viewport: PHONE, colorScheme: "dark" },
  // These have no colours and no widths but those of the first two: for eyes alone, and for axe where there is time.
  { kind: "desk-dark", viewport: DESK, colorScheme: "dark" },
  { kind: "phone-light", viewport: PHONE, colorScheme: "light" },
] as const;

/** What can be used, and takes no focus or does not show that it has it, where one goes by keys. */
async function unmarked(page: Page): Promise<string[]> {
  // From here on the browser shows the focus as to somebody at the keys.
  await page.keyboard.press("Tab");
  return page.evaluate(() => {
    const root = document.querySelector("dialog[open]") ?? document;
    const usable =
      "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex='0']";
    const found: string[] = [];
    for (const element of [...root.querySelectorAll<HTMLElement>(usable)].slice(0, 80)) {
      // Of the editor the box around it shows that.
      if (!element.checkVisibility({ visibilityProperty: true }) || element.isContentEditable) continue;
      element.focus({ preventScroll: true });
      const { outlineStyle } = getComputedStyle(element);
      if (!element.matches(":focus-visible") || outlineStyle === "none")
        found.push(`no focus is seen on ${element.outerHTML.slice(0, 120)}`);
    }
    (document.activeElement as HTMLElement | null)?.blur();
    return found;
  });
}

/**
 * Looks at a page in light and in dark, on a desk and on a phone; resolves with what is wrong: what axe finds, what is wider than a
 * phone, and what can't be used by keys.
 */
export async function look(page: Page, name: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const { kind, viewport, colorScheme } of pictures ? kinds : kinds.slice(0, 2)) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    if (pictures) await page.screenshot({ path: `${pictures}/${name}-${kind}.png`, fullPage: true });
    for (const each of await barriers(page)) wrong.push(`${name}, ${kind}: ${each}`);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > viewport.width) wrong.push(`${name}, ${kind}: it is ${width} px wide`);
  }
  await page.setViewportSize(DESK);
  for (const each of await unmarked(page)) wrong.push(`${name}: ${each}`);
  return wrong;
}
