/** Settings that a script exports, read without running it. */
import { afterAll, expect, test } from "bun:test";
import { BuildError } from "../../../src/core/errors.ts";
import { Builder, type CheckedBuild } from "../../../src/source/compile/builder.ts";
import { Stripper } from "../../../src/source/compile/stripper.ts";
import { discover } from "../../../src/source/find/discovery.ts";
import { readSources } from "../../../src/source/read/sources.ts";
import { type Files, TemporaryFolder } from "../folder.ts";

const stripper = new Stripper();
afterAll(() => stripper.close());

async function check(files: Files): Promise<CheckedBuild> {
  using folder = new TemporaryFolder(files);
  const [found] = await discover(folder.path);
  if (!found) throw new Error("There is no application.");
  return await new Builder(stripper).build(found, await readSources(found));
}

const settingsOf = async (files: Files) => (await check(files)).build.settings;

/** The error of an application as its author sees it. */
async function failure(files: Files): Promise<string> {
  const error = await check(files).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BuildError);
  return String(error);
}

test("a one-file application has the settings that it exports, whatever of TypeScript is around them", async () => {
  const settings = await settingsOf({
    "chat.ts": `import { type Settings, defineRoom } from "hotroom";
      type Größe = { "😀": string };
      export const settings: Settings = (({ rooms: "client", "emptyGrace": 1_000, maxRooms: 0x10 }));
      export default defineRoom({});`,
  });
  expect(settings).toMatchObject({ rooms: "client", emptyGrace: 1000, maxRooms: 16, maxUsers: 100_000 });
  const forms = [
    "{ reload: `pin`, subscribe: true, session: { grace: 0 } } as const",
    "{ 'reload': 'pin', subscribe: (true), session: ({ 'grace': 0, }), } satisfies Settings",
  ];
  for (const form of forms) {
    expect(await settingsOf({ "chat.ts": `export const settings = ${form};` })).toMatchObject({
      reload: "pin",
      subscribe: true,
      rooms: "join",
      session: { grace: 0, history: 500 },
    });
  }
});

test("a folder without a hotroom.json has those that its app.ts exports, with the defaults of a folder", async () => {
  const files = { "game/app.js": "export const settings = { maxUsers: 7 };", "game/rooms/m.ts": "" };
  expect(await settingsOf(files)).toMatchObject({ maxUsers: 7, rooms: "server" });
});

test("settings in both places are an error where the script exports its own", async () => {
  const error = await failure({
    "game/app.ts": "let x;\n  export const settings = {};",
    "game/hotroom.json": "{}",
  });
  expect(error).toBe(
    "app.ts:2:16: Cannot have settings both here and in hotroom.json: keep one of the two.\n2 |   export const settings = {};\n                   ^",
  );
});

test("what can't be used is told with its place in the script, what is unknown with what was meant", async () => {
  const source = (settings: string) => ({
    "chat.ts": `type A = "é😀"; /* ü */\nexport const settings = ${settings};`,
  });
  const cases: [settings: string, error: string][] = [
    ["{ room: 1 }", '2:27: room: there is no such setting. Did you mean "rooms"?'],
    ["{ 'é': 1, rooms: 'both' }", "2:27: é: there is no such setting. 2:42: rooms: Invalid type"],
    [
      "{ limits: {\n  cpuPerEvnt: 5 } }",
      '3:3: limits.cpuPerEvnt: there is no such setting. Did you mean "cpuPerEvent"?',
    ],
    ["{ session: { graze: 5 } }", '2:38: session.graze: there is no such setting. Did you mean "grace"?'],
    ["{ limits: { message: -1 } }", "2:46: limits.message: Invalid value: Expected >=1 but received -1."],
    [
      "{ limits: { cpuHard: 1e9 } }",
      "2:46: limits.cpuHard: 1000000000 is over what this server allows (2000).",
    ],
    ["{ rooms: 'join', rooms: 'nobody' }", "2:49: rooms: Invalid type"],
    ["{ __proto__: { rooms: 'join' } }", "2:27: __proto__: there is no such setting."],
    ["[]", "2:25: Invalid type: Expected Object but received Array."],
    ["'text'", "2:25: Invalid type: Expected Object but received"],
  ];
  for (const [settings, error] of cases) {
    const told = await failure(source(settings));
    expect(told).toStartWith(`chat.ts:${error}`);
    const [, column = ""] = /^chat\.ts:\d+:(\d+)/.exec(told) ?? [];
    expect(told.split("\n").at(-1)?.length).toBe("2 | ".length + Number(column));
  }
});

test("what is computed is an error at its place", async () => {
  const cases: [settings: string, column: number][] = [
    ["{ maxUsers: 10 * 2 }", 37],
    ["{ maxUsers }", 27],
    ["{ ...base }", 27],
    ["{ [key]: 1 }", 27],
    ["{ rooms() {} }", 27],
    ["{ get rooms() { return 'join' } }", 27],
    [`{ rooms: \`\${x}\` }`, 34],
    ["{ rooms: undefined }", 34],
    ["{ maxUsers: 1e999 }", 37],
    ["{ maxUsers: 1n }", 37],
    ["{ maxUsers: +1 }", 37],
    ["{ rooms: /x/ }", 34],
    ["{ limits: { log: size() } }", 42],
    ["{ limits: [1, , 2] }", 35],
    ["load()", 25],
    ["Object.freeze({})", 25],
  ];
  for (const [settings, column] of cases) {
    expect(await failure({ "chat.ts": `export const settings = ${settings};` })).toStartWith(
      `chat.ts:1:${column}: Cannot read the settings without running the script: write the value itself`,
    );
  }
});

test("an export of that name in another form is an error at its place", async () => {
  const cases: [source: string, column: number][] = [
    ["export let settings = {};", 12],
    ["export function settings() {}", 17],
    ["export class settings {}", 14],
    ["const settings = {}; export { settings };", 31],
    ["const own = {}; export { own as settings };", 26],
    ["export const [{ settings }] = [{ settings: 1 }];", 17],
    ['export * as settings from "./x.ts";', 13],
  ];
  for (const [source, column] of cases) {
    const file = source.includes("from") ? "app/app.ts" : "app.ts";
    const files = { [file]: source, ...(source.includes("from") ? { "app/x.ts": "" } : {}) };
    expect(await failure(files)).toStartWith(
      `app.ts:1:${column}: Cannot read the settings without running the script: write them as`,
    );
  }
});

test("settings are bounded in depth and size", async () => {
  const deep = `export const settings = { limits: ${"[".repeat(60)}${"]".repeat(60)} };`;
  expect(await failure({ "chat.ts": deep })).toStartWith(
    "chat.ts:1:85: More than 50 objects and lists lie in one another.",
  );
  const long = `export const settings = { rooms: "${"x".repeat(70_000)}" };`;
  expect(await failure({ "chat.ts": long })).toStartWith("chat.ts:1:34: The settings are too large");
});

test("a script may say that it is larger than the default, up to what the server allows", async () => {
  const large = (settings: string) => ({ "chat.ts": `${settings}\n// ${"x".repeat(600 * 1024)}` });
  expect(
    (await settingsOf(large("export const settings = { limits: { source: 1_000_000 } };"))).limits.source,
  ).toBe(1e6);
  for (const settings of [
    "",
    "export const settings = {};",
    "export const settings = { limits: { source: 700 } };",
  ])
    expect(await failure(large(settings))).toStartWith(
      'Application "chat" is too large: its source files have',
    );
});

test("other modules may export what they like by that name, and room types are warned of it", async () => {
  const { build, warnings } = await check({
    "game/app.ts": "",
    "game/lib/rules.ts": "export let settings = compute();",
    "game/rooms/m.ts": "\nexport const settings = { maxUsers: 1 };",
  });
  expect(build.settings.maxUsers).toBe(100_000);
  expect(warnings.filter(({ message }) => message.startsWith("Settings"))).toEqual([
    {
      message: "Settings are read from app.ts or hotroom.json only, and are those of the whole application.",
      position: { file: "rooms/m.ts", line: 2, column: 14 },
    },
  ]);
});
