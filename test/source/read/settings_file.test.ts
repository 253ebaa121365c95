import { expect, test } from "bun:test";
import { ceilingsOf } from "../../../src/core/application/ceilings.ts";
import { BuildError } from "../../../src/core/errors.ts";
import { readSettings, settingsFileText } from "../../../src/source/read/settings_file.ts";

function errorOf(text: string, ceilings = ceilingsOf()): string {
  try {
    readSettings(settingsFileText(text), false, ceilings);
  } catch (error) {
    if (error instanceof BuildError) return error.toString();
    throw error;
  }
  return "none";
}

test("a value over a ceiling is told with its place, its key and what the server allows", () => {
  const text = '{\n  "limits": {\n   "cpuHard": 1000000000\n  }\n}';
  expect(errorOf(text)).toStartWith(
    "hotroom.json:3:15: limits.cpuHard: 1000000000 is over what this server allows (2000).",
  );
});

test("of several all are told, the first in the file with the place of the error", () => {
  const text = '{ "limits": { "load": 9000 },\n  "maxRooms": 50 }';
  expect(errorOf(text, ceilingsOf({ maxRooms: 10 }))).toStartWith(
    "hotroom.json:1:23: limits.load: 9000 is over what this server allows (5000). " +
      "2:15: maxRooms: 50 is over what this server allows (10).",
  );
});

test("without a file, and where it says nothing, the server's ceilings hold for the defaults", () => {
  const ceilings = ceilingsOf({ memory: 32 * 1024 * 1024 });
  expect(readSettings(undefined, true, ceilings).limits.memory).toBe(32 * 1024 * 1024);
  expect(readSettings(settingsFileText("{}"), false, ceilings).limits.memory).toBe(32 * 1024 * 1024);
});

test("what no server can allow is told as such", () => {
  expect(errorOf('{"limits":{"memory":3221225472}}')).toContain(
    "limits.memory: Invalid value: Expected <=2146435072",
  );
  expect(errorOf('{"limits":{"state":62914560}}')).toContain(
    "limits.state: Invalid value: Expected <=33554432",
  );
});

test("a config is any JSON, up to a size and a depth", () => {
  const read = (config: unknown) => readSettings(settingsFileText(JSON.stringify({ config })), false).config;
  for (const config of [null, 0, "text", [1, { a: [] }], { a: 1 }]) expect(read(config)).toEqual(config);
  expect(readSettings(settingsFileText("{}"), false)).toMatchObject({ config: {}, env: [] });
  const deep = (levels: number) => `{"config":${"[".repeat(levels)}${"]".repeat(levels)}}`;
  expect(errorOf(deep(32))).toBe("none");
  expect(errorOf(deep(33))).toStartWith(
    "hotroom.json:1:11: config: Invalid config: more than 32 objects and lists lie in one another.",
  );
  expect(errorOf(JSON.stringify({ config: "x".repeat(64 * 1024) }))).toContain(
    "config: Invalid config: it has more than 65536 characters as JSON.",
  );
});

test("env has names of variables, few, and none of the server's own", () => {
  const env = (names: unknown) => errorOf(JSON.stringify({ env: names }));
  expect(env(["QUIZ_KEY", "_x9"])).toBe("none");
  expect(env(["QUIZ-KEY"])).toStartWith("hotroom.json:1:9: env.0: Invalid name: a variable has letters");
  expect(env(["A", "hotroom_Admin_Token"])).toContain("env.1: Invalid name: variables HOTROOM_");
  expect(env(Array.from({ length: 33 }, (_, n) => `V${n}`))).toContain("env: Invalid length");
  expect(env("QUIZ_KEY")).toContain("env: Invalid type");
});
