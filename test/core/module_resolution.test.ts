import { expect, test } from "bun:test";
import { resolveModule } from "../../src/core/module_resolution.ts";

const files = new Set([
  "app.ts",
  "rooms/match.ts",
  "lib/board.ts",
  "lib/dice.js",
  "lib/both.ts",
  "lib/both.js",
]);
const resolve = (specifier: string, from = "rooms/match.ts") =>
  resolveModule(specifier, from, (path) => files.has(path));

test.each([
  ["hotroom", "hotroom"],
  ["valibot", "valibot"],
  ["./match.ts", "rooms/match.ts"],
  ["../app.ts", "app.ts"],
  ["../lib/board.ts", "lib/board.ts"],
  ["../lib/board.js", "lib/board.ts"],
  ["../lib/board", "lib/board.ts"],
  ["../lib/dice", "lib/dice.js"],
  ["../lib/both.js", "lib/both.js"],
  [".././lib//board.ts", "lib/board.ts"],
])("%s leads to %s", (specifier, path) => {
  expect(resolve(specifier)).toEqual({ path });
});

test("a file at the top of the folder imports the others", () => {
  expect(resolve("./lib/board.ts", "app.ts")).toEqual({ path: "lib/board.ts" });
});

test.each(["fs", "node:fs", "https://x/y.js", "/etc/passwd", "lib/board.ts", ".", ""])(
  "%j is neither built in nor a file",
  (specifier) => {
    expect(resolve(specifier)).toEqual({
      error: `Cannot import ${JSON.stringify(specifier)}: only "hotroom", "valibot", files of the application and packages that are installed can be imported.`,
    });
  },
);

test.each(["../../secret.ts", "../lib/../../app.ts", "./../../rooms/match.ts"])(
  "%s leaves the folder",
  (specifier) => {
    expect(resolve(specifier)).toEqual({
      error: `Cannot import "${specifier}": it is outside of the application's folder.`,
    });
  },
);

test("a file that is not there is named by its path", () => {
  expect(resolve("../lib/bord.ts")).toEqual({
    error: 'Cannot import "../lib/bord.ts": there is no file lib/bord.ts.',
    missing: "lib/bord.ts",
  });
  expect(resolve("../lib/board.ts/")).toEqual({ path: "lib/board.ts" });
});

test("hotroom/test is there for files of tests alone", () => {
  expect(resolve("hotroom/test", "rooms/match.test.ts")).toEqual({ path: "hotroom/test" });
  expect(resolve("hotroom/test", "rooms/match.ts")).toEqual({
    error: 'Cannot import "hotroom/test": only files of tests can, as match.test.ts.',
  });
});
