import { expect, test } from "bun:test";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeExamples } from "../../../src/cli/make/examples.ts";
import { clientTypesText } from "../../../src/http/assets.ts";
import { writeTypes } from "../../../src/source/editor/editor_types.ts";
import { writeStarter } from "../../../src/source/editor/starter.ts";
import { TemporaryFolder } from "../folder.ts";

const root = join(import.meta.dir, "../../..");

/** What the type checker prints about a project; nothing where all is well. */
async function check(project: string): Promise<string> {
  const tsc = Bun.spawn([join(root, "node_modules/.bin/tsc"), "-p", project, "--pretty", "false"], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const printed = await new Response(tsc.stdout).text();
  await tsc.exited;
  return printed;
}

test("state, data, replies and names of timers are inferred, and mistakes are found", async () => {
  using folder = new TemporaryFolder();
  cpSync(join(import.meta.dir, "fixtures/types"), folder.path, { recursive: true });
  await writeTypes(folder.path);
  expect(await check(folder.path)).toBe("");
});

test("the scripts in extensions/ of a clone type-check", async () => {
  expect(await check(join(root, "extensions"))).toBe("");
});

test("a new folder beside the executable type-checks, where there is no node_modules", async () => {
  using folder = new TemporaryFolder();
  expect(await writeStarter(folder.join("extensions"))).toEqual(["tsconfig.json", "chat.ts"]);
  expect(await check(folder.join("extensions"))).toBe("");
  const chat = folder.join("extensions/chat.ts");
  writeFileSync(
    chat,
    readFileSync(chat, "utf8").replace("text: v.pipe(v.string()", "text: v.pipe(v.number()"),
  );
  expect(await check(folder.join("extensions"))).toContain("chat.ts");
});

test("the examples that a new folder gets type-check there, away from the clone", async () => {
  using folder = new TemporaryFolder();
  const extensions = folder.join("extensions");
  expect(await writeExamples(extensions)).toContain("chat.ts");
  expect(await writeStarter(extensions, clientTypesText)).toEqual(["tsconfig.json"]);
  expect(await check(extensions)).toBe("");
  expect(await check(join(extensions, "connectfour/public"))).toBe("");
});

test("pages know the DOM, the SDK and the types of their room, which scripts' files don't", async () => {
  const page = (type: string) => `import { connect } from "/client.js";
import type match from "../rooms/match.ts";
const client = await connect("/ws/game");
const room = await client.join<typeof match>("hall");
document.title = String(await room.request("${type}"));
export {};\n`;
  using folder = new TemporaryFolder({
    "game/rooms/match.ts": `import { defineRoom } from "hotroom";
export default defineRoom({ messages: { roll: () => 6 } });\n`,
    "game/public/main.ts": page("roll"),
    "game/public/tsconfig.json": `{ "extends": "../../.hotroom/pages.json", "include": ["."] }`,
  });
  await writeTypes(folder.path, clientTypesText);
  expect(await check(folder.path)).toBe("");
  expect(await check(folder.join("game/public"))).toBe("");
  folder.write({ "game/public/main.ts": page("rol") });
  expect(await check(folder.join("game/public"))).toContain('"rol"');
});

test("the types are no dependency on valibot", async () => {
  using folder = new TemporaryFolder({
    "echo.ts": `import { defineRoom } from "hotroom";
export default defineRoom({ messages: { echo: (room, user, data) => data } });\n`,
  });
  await writeTypes(folder.path);
  writeFileSync(folder.join(".hotroom/valibot.d.ts"), "export {};");
  expect(await check(folder.path)).toBe("");
});

test("init makes no example where there is an application, and touches nothing of the author's", async () => {
  using folder = new TemporaryFolder({ "echo.ts": "export default 1;", "tsconfig.json": "{}" });
  expect(await writeStarter(folder.path)).toEqual([]);
  expect(existsSync(folder.join("chat.ts"))).toBe(false);
  expect(readFileSync(folder.join("tsconfig.json"), "utf8")).toBe("{}");
  expect(readFileSync(folder.join("echo.ts"), "utf8")).toBe("export default 1;");
});

test("the types in a folder are brought up to date, every file of them", async () => {
  using folder = new TemporaryFolder({ ".hotroom/hotroom.d.ts": "// of an older server" });
  await writeTypes(folder.path);
  const types = join(root, "src/source/editor/types");
  const names = readdirSync(types);
  expect(names).toContain("hotroom.d.ts");
  for (const name of names) {
    const written = readFileSync(folder.join(`.hotroom/${name}`), "utf8");
    expect([name, written]).toEqual([name, readFileSync(join(types, name), "utf8")]);
  }
});

test("the types are free of errors themselves, which editors don't look for", async () => {
  using folder = new TemporaryFolder();
  await writeTypes(folder.path);
  const project = folder.join("tsconfig.json");
  const strict = readFileSync(project, "utf8").replace('"skipLibCheck": true', '"skipLibCheck": false');
  writeFileSync(project, strict);
  expect(await check(folder.path)).toBe("");
});
