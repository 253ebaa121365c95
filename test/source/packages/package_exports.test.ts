import { expect, test } from "bun:test";
import { targetOf } from "../../../src/source/packages/package_exports.ts";

/** `~` for `*`, which would begin a comment to the tests of the house. */
const starred = <Value>(value: Value): Value =>
  value === undefined ? value : JSON.parse(JSON.stringify(value).replaceAll("~", "*"));

test.each([
  ["a text is the package itself", "./a.js", ".", "./a.js"],
  ["and nothing else of it", "./a.js", "./a.js", undefined],
  ["conditions without paths, too", { node: "./n.js", import: "./i.js" }, ".", "./i.js"],
  ["the first condition that holds", { default: "./d.js", hotroom: "./h.js" }, ".", "./d.js"],
  ["one of ours before others", { hotroom: "./h.js", import: "./i.js" }, ".", "./h.js"],
  ["conditions in one another", { ".": { import: { browser: "./b.js", default: "./d.js" } } }, ".", "./d.js"],
  [
    "where none inside holds the next one",
    { ".": { import: { node: "./n.js" }, default: "./d.js" } },
    ".",
    "./d.js",
  ],
  ["none that holds", { require: "./r.cjs", browser: "./b.js" }, ".", undefined],
  ["a closed way", { ".": { import: null, default: "./d.js" } }, ".", undefined],
  ["the first of a list that is of use", { ".": [null, { node: "./n.js" }, "./l.js"] }, ".", "./l.js"],
  ["a subpath", { ".": "./a.js", "./math": "./m.js" }, "./math", "./m.js"],
  ["a subpath that is not exported", { ".": "./a.js" }, "./math", undefined],
  ["a pattern", { "./~": "./src/~.js" }, "./deep/one", "./src/deep/one.js"],
  ["a pattern with an end", { "./~.js": "./src/~.mjs" }, "./one.js", "./src/one.mjs"],
  ["each star of a target", { "./~": "./~/~.js" }, "./a", "./a/a.js"],
  ["the longest beginning", { "./~": "./x/~", "./in/~": "./y/~" }, "./in/a", "./y/a"],
  ["a way that a longer pattern closes", { "./~": "./x/~", "./in/~": null }, "./in/a", undefined],
  ["names of Object's own", { ".": "./a.js" }, "constructor", undefined],
  ["what a star stands for is no pattern", { "./~": "./src/~" }, "./$&", "./src/$&"],
  ["a key is no regular expression", { "./(a+)+~$": "./x/~" }, `./${"a".repeat(60)}`, undefined],
  ["private names", { "#dep": { hotroom: "./ours.js", default: "dep" } }, "#dep", "./ours.js"],
  ["numbers lead nowhere", { ".": 7 }, ".", undefined],
])("%s", (_, exports, subpath, target) => {
  expect(targetOf(starred<unknown>(exports), subpath)).toBe(starred(target));
});

test("conditions that lie in one another for ever are given up", () => {
  let deep: unknown = "./deep.js";
  for (let n = 0; n < 1000; n++) deep = { import: deep };
  expect(targetOf({ ".": deep }, ".")).toBeUndefined();
});

test("what a star stands for is not written as often as a target likes", () => {
  const target = `./${"*".repeat(100_000)}`;
  expect(targetOf({ [starred("./~")]: target }, `./${"a".repeat(100_000)}`)).toBeUndefined();
});

test("of a table with patterns without end the first ones are compared", () => {
  const table = Object.fromEntries(
    Array.from({ length: 2000 }, (_, n) => [starred(`./${n}/~`), `./${n}.js`]),
  );
  expect(targetOf(table, "./999/a")).toBe("./999.js");
  expect(targetOf(table, "./1000/a")).toBeUndefined();
});
