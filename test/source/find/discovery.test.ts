import { expect, test } from "bun:test";
import { closeSync, openSync, rmSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { CrowdedFolders } from "../../../src/source/find/crowded_folders.ts";
import { discover } from "../../../src/source/find/discovery.ts";
import { isIgnored } from "../../../src/source/find/file_names.ts";
import { type Files, TemporaryFolder } from "../folder.ts";

/** What is found, in short: `name: files` or `name! error`. */
async function found(files: Files | TemporaryFolder): Promise<string[]> {
  using folder = files instanceof TemporaryFolder ? files : new TemporaryFolder(files);
  return (await discover(folder.path)).map((each) =>
    each.error
      ? `${each.name}! ${each.error.message}`
      : `${each.name}: ${each.files.map((file) => file.path)}`,
  );
}

test("an application is a file, or a folder with app.ts or room types", async () => {
  expect(
    await found({
      "chat.ts": "",
      "echo.js": "",
      "lobby/app.ts": "",
      "game/rooms/match.ts": "",
      "game/lib/board.ts": "",
      "game/lib/words.json": "",
      "game/hotroom.json": "",
    }),
  ).toEqual([
    "chat: chat.ts",
    "echo: echo.js",
    "game: hotroom.json,lib/board.ts,lib/words.json,rooms/match.ts",
    "lobby: app.ts",
  ]);
});

test("declarations, tests, packages, hidden files and other files are no part of an application", async () => {
  expect(
    await found({
      "chat.ts": "",
      "chat.d.ts": "",
      "chat.test.ts": "",
      "tsconfig.json": "",
      ".hotroom/hotroom.d.ts": "",
      ".git/app.ts": "",
      "chat.ts~": "",
      ".#chat.ts": "",
      ".chat.ts.swp": "",
      "4913": "",
      "node_modules/app.ts": "",
      "notes/read.md": "",
      "game/app.ts": "",
      "game/README.md": "",
      "game/app.test.ts": "",
      "game/rooms/match.spec.ts": "",
      "game/lib/board.spec.js": "",
      "chat.spec.ts": "",
      "game/types.d.ts": "",
      "game/node_modules/x/index.js": "",
      "game/.cache/x.ts": "",
    }),
  ).toEqual(["chat: chat.ts", "game: app.ts"]);
});

test("a folder with sources and no entry says what is missing", async () => {
  expect(await found({ "game/lib/board.ts": "", "set/hotroom.json": "{}" })).toEqual([
    "game! game/ is not an application: it has neither app.ts nor a room type in rooms/, as rooms/match.ts, nor pages in public/.",
    "set! set/ is not an application: it has neither app.ts nor a room type in rooms/, as rooms/match.ts, nor pages in public/.",
  ]);
});

test("what lies in public/ is no script; a folder with nothing else is an application", async () => {
  expect(
    await found({
      "game/app.ts": "",
      "game/public/main.ts": "",
      "game/lib/public/part.ts": "",
      "site/public/index.html": "",
      "chat.ts": "",
      "chat.public/main.ts": "",
      "gone.public/main.ts": "",
    }),
  ).toEqual(["chat: chat.ts", "game: app.ts,lib/public/part.ts", "site: "]);
});

test("two applications of one name are an error for both, and for no other", async () => {
  expect(
    await found({ "chat.ts": "", "chat/app.ts": "", "echo.ts": "", "echo.js": "", "ok.ts": "" }),
  ).toEqual([
    'chat! There are two applications named "chat": chat.ts and chat/. Rename or remove one.',
    'echo! There are two applications named "echo": echo.js and echo.ts. Rename or remove one.',
    "ok: ok.ts",
  ]);
});

test("app.ts beside app.js, and a room type that is there twice, are errors", async () => {
  expect(await found({ "a/app.ts": "", "a/app.js": "", "b/rooms/x.js": "", "b/rooms/x.ts": "" })).toEqual([
    "a! a/ has both app.ts and app.js. Remove one.",
    "b! b/ has both rooms/x.ts and rooms/x.js. Remove one.",
  ]);
});

test("an invalid name is an error that names the file", async () => {
  const [file, room] = await found({ "my chat.ts": "", "game/rooms/_old.ts": "", "game/app.ts": "" }).then(
    (all) => all.sort().reverse(),
  );
  expect(file).toStartWith('my chat! my chat.ts: "my chat" can\'t be the name of an application.');
  expect(room).toStartWith('game! game/rooms/_old.ts: "_old" can\'t be the name of a room type.');
});

test("files in folders below rooms/ are shared code, whatever their names", async () => {
  expect(await found({ "game/rooms/match.ts": "", "game/rooms/lib/_x.ts": "" })).toEqual([
    "game: rooms/lib/_x.ts,rooms/match.ts",
  ]);
});

test("links inside the folder are followed, links that lead out or nowhere are named", async () => {
  using outside = new TemporaryFolder({ "secret.ts": "", "game/app.ts": "" });
  using folder = new TemporaryFolder({ "..data/chat.ts": "", "game/app.ts": "", "shared/.keep": "" });
  symlinkSync("..data/chat.ts", folder.join("chat.ts"));
  symlinkSync(outside.join("secret.ts"), folder.join("game/secret.ts"));
  symlinkSync(outside.join("game"), folder.join("linked"));
  symlinkSync(outside.join("secret.ts"), folder.join("out.ts"));
  symlinkSync("nowhere.ts", folder.join("gone.ts"));
  const all = await discover(folder.path);
  expect(all.map(({ name, error }) => `${name}: ${error?.message ?? "ok"}`)).toEqual([
    "chat: ok",
    "game: game/secret.ts is a link that leads out of the extensions folder; it is not followed.",
    "gone: gone.ts is a link to a file that does not exist.",
    "linked: linked is a link that leads out of the extensions folder; it is not followed.",
    "out: out.ts is a link that leads out of the extensions folder; it is not followed.",
  ]);
});

test("a folder that links to itself ends with an error", async () => {
  using folder = new TemporaryFolder({ "game/app.ts": "" });
  symlinkSync("..", folder.join("game/loop"));
  expect((await discover(folder.path))[0]?.error?.message).toContain("nested too deeply");
});

test("with very many applications the first ones by name are taken", async () => {
  const files = Object.fromEntries(Array.from({ length: 5001 }, (_, index) => [`a${index}.ts`, ""]));
  const all = await found(files);
  expect(all).toHaveLength(5001);
  expect(all.filter((each) => each.includes("!"))).toEqual([
    "a999! There are more than 5000 applications; the first ones by name are taken.",
  ]);
});

test("a thousand files is enough", async () => {
  const files = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`game/lib/f${index}.ts`, ""]));
  expect(await found({ ...files, "game/app.ts": "" })).toEqual([
    "game! There are more than 1000 source files.",
  ]);
});

test("a folder with very many files is an error, and is not read again before it has changed", async () => {
  using folder = new TemporaryFolder({ "game/app.ts": "", "game/logs/0.txt": "" });
  const crowded = new CrowdedFolders();
  const error = async () => (await discover(folder.path, crowded))[0]?.error?.message;
  const logs = folder.join("game/logs");
  for (let number = 1; number < 5000; number++) closeSync(openSync(join(logs, `${number}.txt`), "w"));
  expect(await error()).toBe(
    "There are more than 5000 files and folders. Keep what is no source somewhere else.",
  );
  const { mtime } = statSync(logs);
  for (let number = 1; number < 5000; number++) rmSync(join(logs, `${number}.txt`));
  utimesSync(logs, mtime, mtime);
  expect(await error()).toContain("more than 5000");
  // A look of somebody else's reads it.
  expect((await discover(folder.path))[0]?.error).toBeUndefined();
});

test("what editors leave behind is ignored, what links of a mounted volume are called is not", () => {
  expect(
    [".chat.ts.swp", "game/.git/x", "node_modules/x.ts", ".hotroom/hotroom.d.ts"].map(isIgnored),
  ).toEqual([true, true, true, true]);
  expect(["chat.ts", "..data", "game/rooms/match.ts"].map(isIgnored)).toEqual([false, false, false]);
});
