import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, readConfig, variableOf } from "../../src/cli/config.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "hotroom-config-"));
  folders.push(folder);
  const path = join(folder, "hotroom.config.json");
  writeFileSync(path, text);
  return path;
}

test("without anything the defaults hold", () => {
  expect(readConfig({}, {})).toMatchObject({
    port: 8080,
    host: "127.0.0.1",
    extensions: "./extensions",
    inboundRate: 50,
  });
});

test("flags win over environment variables, these over the file", () => {
  const path = file('{"port": 1, "host": "0.0.0.0", "inboundRate": 7}');
  const environment = { HOTROOM_PORT: "2", HOTROOM_INBOUND_RATE: "8" };
  expect(readConfig({ port: "3" }, environment, path)).toMatchObject({
    port: 3,
    host: "0.0.0.0",
    inboundRate: 8,
  });
});

test("variable names follow from keys", () => {
  expect(variableOf("inboundRate")).toBe("HOTROOM_INBOUND_RATE");
});

for (const [name, read, place] of [
  ["a flag", () => readConfig({ inboundRate: "fast" }, {}), "--inbound-rate"],
  ["a variable", () => readConfig({}, { HOTROOM_PORT: "70000" }), "HOTROOM_PORT"],
  ["a key of the file", () => readConfig({}, {}, file('{"port": -1}')), "hotroom.config.json: port"],
  ["an unknown key of the file", () => readConfig({}, {}, file('{"prot": 1}')), "hotroom.config.json: prot"],
  ["a file that is no JSON", () => readConfig({}, {}, file("{")), "Cannot read"],
  ["a file that is no object", () => readConfig({}, {}, file("[]")), "must hold one object"],
  [
    "a file that is named but missing",
    () => readConfig({}, {}, "no/such/file.json"),
    "Cannot read no/such/file.json",
  ],
] as const) {
  test(`the error for ${name} says where it was written`, () => {
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(place);
  });
}
