import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, readConfig, tracingOf, variableOf } from "../../src/cli/config.ts";

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

test("a byte order mark is no part of the file", () => {
  expect(readConfig({}, {}, file('\ufeff{"port": 1}')).port).toBe(1);
});

test("variable names follow from keys", () => {
  expect(variableOf("inboundRate")).toBe("HOTROOM_INBOUND_RATE");
});

test.each([
  ["port", "70000", "it must be a whole number, 0 to 65535."],
  ["traceSample", "1.5", "it must be a number, 0 to 1."],
  ["traceSample", -0.1, "it must be a number, 0 to 1."],
  ["traceSample", "much", "it must be a number, 0 to 1."],
  ["otlpEndpoint", "collector:4318", "it must be an http: or https: address, without a name and a password."],
  [
    "otlpEndpoint",
    "http://ann:secret@collector",
    "it must be an http: or https: address, without a name and a password.",
  ],
  ["inboundRate", "fast", "it must be a whole number, 0 or more."],
  ["inboundRate", 1.5, "it must be a whole number, 0 or more."],
  ["inboundRate", null, "it must be a whole number, 0 or more."],
  ["spare", "no", "it must be true or false."],
  ["host", "", "it must be text of at least 1 character."],
  ["adminToken", "short", "it must be text of at least 8 characters."],
  ["logLevel", "loud", "it must be one of debug, info, warn, error."],
  ["prot", 1, "there is no such setting."],
])("the error for %s = %p says what it must be", (key, value, rule) => {
  expect(() => readConfig({}, {}, file(JSON.stringify({ [key]: value })))).toThrow(`: ${key}: ${rule}`);
});

test("what is followed, and who is told, follows from three settings", () => {
  const endpoint = "http://127.0.0.1:4318";
  expect(tracingOf(undefined, undefined, "info")).toBeUndefined();
  expect(tracingOf(0, undefined, "debug")).toBeUndefined();
  expect(tracingOf(undefined, undefined, "debug")).toEqual({
    sample: 1,
    level: "debug",
    endpoint: undefined,
  });
  expect(tracingOf(undefined, endpoint, "info")).toEqual({ sample: 0.01, level: undefined, endpoint });
  expect(tracingOf(0, endpoint, "info")).toEqual({ sample: 0, level: "info", endpoint });
  expect(tracingOf(readConfig({ traceSample: ".25" }, {}).traceSample, undefined, "warn")).toEqual({
    sample: 0.25,
    level: "info",
    endpoint: undefined,
  });
});

test("ceilings are an object of the file, with defaults where it says nothing", () => {
  const { ceilings } = readConfig({}, {}, file('{"port": 1, "ceilings": {"cpuHard": 9000, "maxRooms": 3}}'));
  expect(ceilings).toMatchObject({ cpuHard: 9000, maxRooms: 3, cpuPerEvent: 1000, memory: 1024 ** 3 });
  expect(readConfig({}, {}).ceilings).toMatchObject({ cpuPerEvent: 1000, cpuHard: 2000, load: 5000 });
});

for (const [name, read, place] of [
  ["a flag", () => readConfig({ inboundRate: "fast" }, {}), "--inbound-rate"],
  ["a variable", () => readConfig({}, { HOTROOM_PORT: "70000" }), "HOTROOM_PORT"],
  ["a key of the file", () => readConfig({}, {}, file('{\n"port": -1}')), "hotroom.config.json:2:9: port: "],
  [
    "an unknown key of the file",
    () => readConfig({}, {}, file('{\n  "host": "a", "prot": 1}')),
    'hotroom.config.json:2:16: prot: there is no such setting. Did you mean "port"?',
  ],
  [
    "a ceiling that can't be",
    () => readConfig({}, {}, file('{"ceilings":\n {"memory": 5}}')),
    "hotroom.config.json:2:13: ceilings.memory: ",
  ],
  [
    "an unknown ceiling",
    () => readConfig({}, {}, file('{"ceilings": {"cpuHart": 5}}')),
    'hotroom.config.json:1:15: ceilings.cpuHart: there is no such setting. Did you mean "cpuHard"?',
  ],
  [
    "ceilings that are no object",
    () => readConfig({}, {}, file('{"ceilings": [5]}')),
    "hotroom.config.json:1:14: ceilings: it must be an object.",
  ],
  ["a file that is no JSON", () => readConfig({}, {}, file('{\n"port": 1,}')), "hotroom.config.json:2:11: "],
  ["a file that is no object", () => readConfig({}, {}, file("[]")), "must hold one object"],
  ["a file that is null", () => readConfig({}, {}, file("null")), "must hold one object"],
  [
    "a file of brackets",
    () => readConfig({}, {}, file("[".repeat(10_000))),
    "hotroom.config.json:1:501: Invalid JSON",
  ],
  ["a file that is too large", () => readConfig({}, {}, file(" ".repeat(70_000))), "70000 characters"],
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

test.each([
  [{ tlsCert: "c.pem" }, {}, "Cannot use --tls-cert: it needs --tls-key beside it."],
  [{}, { HOTROOM_TLS_KEY: "k.pem" }, "Cannot use HOTROOM_TLS_KEY: it needs --tls-cert beside it."],
  [
    { unix: "a.sock", tlsCert: "c.pem", tlsKey: "k.pem" },
    {},
    "Cannot use --tls-cert: there is no TLS on a unix socket (--unix).",
  ],
])("settings that don't go together are told: %p %p", (flags, environment, message) => {
  expect(() => readConfig(flags, environment)).toThrow(message);
});
