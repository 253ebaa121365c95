import { expect, test } from "bun:test";
import { ApiTokens } from "../../../src/http/access/api_tokens.ts";

const token = "0123456789abcdef";
const listOf = (value: unknown) => ApiTokens.parse(JSON.stringify(value));

test("a token may do what its scopes say, and no other text is one", () => {
  const tokens = listOf([
    { token, scopes: ["read"] },
    { token: `${token}!`, scopes: ["operate", "edit", "edit"] },
  ]);
  expect([...(tokens.grantOf(token)?.scopes ?? [])]).toEqual(["read"]);
  expect([...(tokens.grantOf(`${token}!`)?.scopes ?? [])]).toEqual(["operate", "edit"]);
  for (const wrong of ["", token.slice(0, -1), `${token} `, "x".repeat(100_000)])
    expect(tokens.grantOf(wrong)).toBeUndefined();
});

test("an empty list lets nobody in, and a byte order mark is none of its text", () => {
  expect(ApiTokens.parse("\ufeff[]").size).toBe(0);
});

test.each<[unknown, string]>([
  [{}, "it must be a list"],
  [[{ token }], "it must have token and scopes"],
  [[{ token, scopes: ["read"], name: "x" }], "it must have token and scopes, and nothing else"],
  [[{ token, scopes: [] }], '0.scopes: it must be a list of "read", "operate", "edit", at least one'],
  [[{ token, scopes: ["admin"] }], "0.scopes.0: it must be a list of"],
  [[{ token: "short-secret", scopes: ["read"] }], "0.token: it must be text of 16 to 256"],
  [[{ token: `${token} with-a-space`, scopes: ["read"] }], "0.token: it must be text"],
  [[{ token: "x".repeat(257), scopes: ["read"] }], "0.token: it must be text"],
  [
    [
      { token, scopes: ["read"] },
      { token, scopes: ["edit"] },
    ],
    "1.token: it stands in the list twice.",
  ],
  [
    Array.from({ length: 101 }, (_, i) => ({ token: `${token}${i}`, scopes: ["read"] })),
    "it may have 100 tokens",
  ],
])("%j is refused, and nothing of it is repeated", (value, why) => {
  let message = "";
  try {
    listOf(value);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain(why);
  for (const secret of [token, "short-secret", "xxxx"]) expect(message).not.toContain(secret);
});

test("what is no JSON is refused", () => {
  expect(() => ApiTokens.parse(`[{"token":"${token}`)).toThrow("it is not JSON.");
});
