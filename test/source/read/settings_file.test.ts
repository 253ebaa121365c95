import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
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

test("variables and addresses that the server does not permit are refused where they stand, whatever names them", () => {
  const text = `{
  "env": ["QUIZ_KEY", "AWS_SECRET"],
  "fetch": ["https://api.example.com/v1/users", "https://api.example.com/v10/", "https://other.example/"],
  "auth": { "jwt": { "algorithms": ["HS256"], "secret": { "env": "DATABASE_URL" } } }
}`;
  const ceilings = ceilingsOf({ env: ["QUIZ_*", "AWS"], fetch: ["https://api.example.com/v1"] });
  const told = errorOf(text, ceilings);
  expect(told).toStartWith("hotroom.json:2:23: env.1: this server does not permit AWS_SECRET (QUIZ_*, AWS).");
  expect(told).toContain("3:49: fetch.1: this server does not permit https://api.example.com/v10/");
  expect(told).toContain("3:81: fetch.2: this server does not permit https://other.example/");
  expect(told).toContain("4:66: auth.jwt.secret.env: this server does not permit DATABASE_URL");
  const keys = `{ "auth": { "jwt": { "algorithms": ["RS256"], "jwks": "https://10.0.0.1/keys" } } }`;
  expect(errorOf(keys, ceilings)).toContain(
    "auth.jwt.jwks: this server does not permit https://10.0.0.1/keys",
  );
  expect(errorOf('{ "env": ["A"] }', ceilingsOf({ env: [] }))).toContain("does not permit A (none)");
  expect(readSettings(settingsFileText(text), false).env).toEqual(["QUIZ_KEY", "AWS_SECRET"]);
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

describe("auth.jwt", () => {
  const jwt = (more: object) =>
    errorOf(JSON.stringify({ auth: { jwt: { algorithms: ["RS256"], ...more } } }));
  const pemOf = (key: KeyObject) => key.export({ type: "spki", format: "pem" }) as string;
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const secret = { env: "CLUB_SECRET" };
  const jwks = "https://id.example/keys";

  test("takes one kind of key, with algorithms that go with it", () => {
    const { publicKey } = rsa;
    for (const key of [pemOf(publicKey), publicKey.export({ format: "jwk" })])
      expect(jwt({ publicKey: key, algorithms: ["RS256", "PS512"] })).toBe("none");
    expect(jwt({ jwks })).toBe("none");
    expect(jwt({ jwks: "http://localhost:1/x", issuer: "a", audience: ["b", "c"] })).toBe("none");
    expect(jwt({ secret, algorithms: ["HS256"] })).toBe("none");
  });

  test.each([
    ["no key", {}, "auth.jwt: Invalid keys: there must be one of"],
    ["two keys", { secret, jwks }, "auth.jwt: Invalid keys: there must be one of"],
    ["no algorithm", { jwks, algorithms: [] }, "auth.jwt.algorithms: Invalid length"],
    [
      "none as one",
      { jwks, algorithms: ["none"] },
      "auth.jwt.algorithms.0: Invalid algorithm: there are HS256,",
    ],
    ["a secret's with keys", { jwks, algorithms: ["RS256", "HS256"] }, "auth.jwt: Invalid algorithms: HS256"],
    ["a key's with a secret", { secret }, "auth.jwt: Invalid algorithms: HS256"],
    ["a secret in the file", { secret: "x", algorithms: ["HS256"] }, "auth.jwt.secret: Invalid type"],
    [
      "the server's own secret",
      { secret: { env: "HOTROOM_ADMIN_TOKEN" } },
      "variables HOTROOM_… and OTEL_… are the server's own",
    ],
    ["keys that others may change", { jwks: "http://id.example/keys" }, "auth.jwt.jwks: Invalid address"],
    ["keys of a file", { jwks: "file:///etc/passwd" }, "auth.jwt.jwks: Invalid address"],
    ["keys with a password", { jwks: "https://a:b@id.example/" }, "auth.jwt.jwks: Invalid address"],
    ["no PEM", { publicKey: "abc" }, "auth.jwt.publicKey: Invalid key"],
    ["an empty key", { publicKey: {} }, "auth.jwt.publicKey: it can't be read as PEM or JWK."],
    [
      "a broken PEM",
      { publicKey: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----" },
      "auth.jwt.publicKey: it can't be read as PEM or JWK.",
    ],
    ["a secret key", { publicKey: rsa.privateKey.export({ format: "jwk" }) }, "it is a secret key"],
    [
      "a key of another kind",
      { publicKey: pemOf(generateKeyPairSync("ed25519").publicKey) },
      'auth.jwt.publicKey: it is one of kind "ed25519", which RS256 is not verified with.',
    ],
    [
      "a short key",
      { publicKey: pemOf(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey) },
      "auth.jwt.publicKey: it has 1024 bits, and must have 2048 to 8192.",
    ],
    ["what it does not know", { jwks, leeway: 5 }, "auth.jwt.leeway: there is no such setting."],
  ])("with %s is told with its place", (_, more, expected) => {
    const told = jwt(more);
    expect(told).toContain(expected);
    expect(told).toMatch(/^hotroom\.json:1:\d+: /);
  });
});
