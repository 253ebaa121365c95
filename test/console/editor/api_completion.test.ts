import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Completion, CompletionContext } from "@codemirror/autocomplete";
import { javascript } from "@codemirror/lang-javascript";
import { EditorState } from "@codemirror/state";
import { expect, spyOn, test } from "bun:test";
import { apiTables } from "../../../.ci/api_table.ts";
import { apiCompletion } from "../../../src/console/editor/api_completion.ts";

const tables = apiTables();

/** What is offered where `|` stands in a file; asked for, or while it is written. */
async function offered(
  text: string,
  { path = "rooms/hall.ts", explicit = true } = {},
): Promise<Completion[]> {
  const pos = text.indexOf("|");
  const doc = text.slice(0, pos) + text.slice(pos + 1);
  const state = EditorState.create({ doc, extensions: javascript({ typescript: true }) });
  const result = await apiCompletion(tables, path)(new CompletionContext(state, pos, explicit));
  const written = doc.slice(result?.from ?? pos, pos);
  return (result?.options ?? []).filter(({ label }) => label.startsWith(written));
}

async function labels(text: string, options?: { path?: string; explicit?: boolean }): Promise<string[]> {
  return (await offered(text, options)).map(({ label }) => label);
}

const members = (type: string) => (tables.hotroom?.types[type] ?? []).map(({ name }) => name);
const room = (body: string) => `import { defineRoom } from "hotroom";
export default defineRoom({
  state: () => ({ board: [] as number[], turn: 0 }),
  timers: { due(room) {}, "late one": (room) => {} },
  sends: { said: 1 },
  ${body}
});`;

test("what has a dot behind it is completed by what it is in its handler, whatever it is called", async () => {
  expect(members("Room")).toContain("broadcast");
  const inHandler = (code: string) => labels(room(`messages: { say(r, who, data) { ${code} } },`));
  expect(await inHandler("r.|")).toEqual(members("Room"));
  expect(await inHandler("r.broad|")).toEqual(["broadcast"]);
  expect(await inHandler("who.| ; r.close()")).toEqual(members("User"));
  expect(await inHandler("data.|")).toEqual([]);
  expect(await inHandler("r.application.room('x').|")).toEqual(members("RoomHandle"));
  expect(await inHandler("r.user(data)?.|")).toEqual(members("User"));
  expect(await inHandler("const one = r.users.find((each) => each.|)")).toEqual(members("User"));
  expect(await inHandler("const one = r.users.at(0)!; if (one) one.|")).toEqual(members("User"));
  expect(await inHandler("for (const one of r.users) one.|")).toEqual(members("User"));
  expect(await inHandler("r.state.|")).toEqual(["board", "turn"]);
  expect(await inHandler("console.|")).toContain("log");
  const checked = "messages: { say: { schema, handle(r, who, { text }) { r.| } } },";
  expect(await labels(room(checked))).toEqual(members("Room"));
  expect(await labels(room("tick: (r) => r.|,"))).toEqual(members("Room"));
  expect(await labels(room("fetches: { rates(r, answer) { answer.| } },"))).toEqual(members("FetchResponse"));
  const app = "export default defineApplication({ events: { created(app, room) { room.| } } });";
  expect(await labels(app)).toEqual(members("RoomInfo"));
  expect(await labels("function deal(table: Room<State>) {\n  table.|\n}")).toEqual(members("Room"));
  expect(await labels("function deal(room, other) {\n  room.|\n}")).toEqual(members("Room"));
  expect(await labels("function deal(constructor) {\n  constructor.|\n}")).toEqual([]);
});

test("keys of a definition, of its events, and of what is given to the server are completed, but those that are there", async () => {
  const keys = await labels(room("ti|"));
  expect(keys).toEqual(["tick", "tickRate"]);
  expect(await labels(room("events: { re| },"))).toEqual(["reload", "reconnect"]);
  expect(await labels(room("events: { join(room) {}, jo| },"))).toEqual([]);
  expect(await labels(room("messages: { say: { | } },"))).toEqual(["schema", "handle"]);
  expect(await labels(room("messages: { cursor: relay({ vo| }) },"))).toEqual(["volatile"]);
  expect(await labels(room("events: { init(room) { room.update({ locked: true, | }) } },"))).toContain(
    "hidden",
  );
  const login = "export default defineApplication({ events: { login(app) { return { na| }; } } });";
  expect(await labels(login)).toEqual(["name"]);
  expect(await labels("export const settings = { limits: { cpu| } };")).toContain("cpuPerEvent");
  expect(await labels("const other = { | };")).toEqual([]);
  // A list that nobody asked for is in the way of whoever opens a brace.
  expect(await labels(room("events: { | },"), { explicit: false })).toEqual([]);
  const [join] = await offered(room("events: { jo| },"));
  expect(join).toMatchObject({
    detail: "(room, user, data)",
    info: "A user joins; `data` is what the client sent along.",
  });
});

test("imports, and texts that name what the definition has, are completed", async () => {
  expect(await labels('import { define| } from "hotroom";')).toEqual(["defineRoom", "defineApplication"]);
  expect(await labels('import { expect, op| } from "hotroom/test";', { path: "hall.test.ts" })).toEqual([
    "open",
  ]);
  expect(await labels('import { x| } from "./other.ts";')).toEqual([]);
  expect(await labels('import { x } from "hot|";')).toEqual(["hotroom", "hotroom/test"]);
  const call = (code: string) => labels(room(`events: { init(room) { ${code} } },`));
  expect(await call('room.schedule("|")')).toEqual(["due", "late one"]);
  expect(await call('room.broadcast("s|", 1)')).toEqual(["said"]);
  expect(await call('room.send(room, "|")')).toEqual(["said"]);
  expect(await call('room.schedule("due", 10, "|")')).toEqual([]);
  expect(await call('other.schedule("|")')).toEqual([]);
  const staged = 'const stage = await open("chat");\nconst ann = await stage.user("ann");\nann.|';
  expect(await labels(staged, { path: "hall.test.ts" })).toContain("received");
});

test("a device on which each step of reading takes longer than a piece may is offered the same", async () => {
  let now = 0;
  const clock = spyOn(Date, "now").mockImplementation(() => (now += 1000));
  try {
    expect(await labels(room("messages: { say(r, who, data) { r.broad| } },"))).toEqual(["broadcast"]);
    expect(now).toBeGreaterThan(10_000);
    // Who writes something else meanwhile waits for nothing.
    const context = new CompletionContext(EditorState.create({ doc: "room." }), 5, true);
    Object.defineProperty(context, "aborted", { value: true });
    expect(await apiCompletion(tables, "rooms/hall.ts")(context)).toBe(null);
  } finally {
    clock.mockRestore();
  }
});

test("pages and files that are no scripts have another API", async () => {
  for (const path of ["public/page.ts", "hotroom.json", "public/index.html"])
    expect(await labels("room.|", { path })).toEqual([]);
});

test("a script that nobody would write is given up", async () => {
  const deep = `${"(".repeat(3000)}room${")".repeat(3000)}.|`;
  expect(await labels(deep)).toEqual([]);
  expect(await labels(`const a = b;\nconst b = a;\na.|`)).toEqual([]);
  expect(await labels(`${"room.users.at(0).".repeat(1000)}|`)).toEqual([]);
});

test("all that is declared can be completed, each with what its first sentence says", () => {
  const folder = join(import.meta.dir, "../../../src/source/editor/types");
  let count = 0;
  for (const file of readdirSync(folder).filter((name) => name !== "engine.d.ts")) {
    const { types = {} } = tables[file === "test.d.ts" ? "hotroom/test" : "hotroom"] ?? {};
    const text = readFileSync(join(folder, file), "utf8");
    for (const [, name = "", body = ""] of text.matchAll(/^export interface (\w+)[^{]*\{\n(.*?)^\}/gms)) {
      const declared = [...body.matchAll(/^ {2}(?:readonly )?(\w+)(?=[?:(<])/gm)].map(
        ([, member = ""]) => member,
      );
      const own = types[name]?.map((each) => each.name) ?? [];
      expect([file, name, declared.filter((member) => !own.includes(member))]).toEqual([file, name, []]);
      count += declared.length;
    }
  }
  expect(count).toBeGreaterThan(200);
  const { types, exports } = tables.hotroom ?? {};
  const entry = types?.Room?.find(({ name }) => name === "schedule");
  expect(entry).toMatchObject({
    detail: "(name, ms, data?, options?)",
    doc: "Runs `timers.<name>` once, after `ms`.",
  });
  expect(exports?.filter(({ doc }) => doc === "")).toEqual([]);
  expect(JSON.stringify(tables).length).toBeLessThan(64 * 1024);
});

test("a module that there is not offers nothing, whatever it is called", async () => {
  for (const module of ["constructor", "__proto__", "toString", ""])
    expect(await labels(`import { | } from "${module}";`)).toEqual([]);
});
