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
