import { expect, test } from "bun:test";
import { checkToken } from "../../../src/core/auth/token_check.ts";
import { HotroomError } from "../../../src/core/errors.ts";

/** Checks login data with a verifier that finds `code`; resolves with what came of it and how often the client has guessed. */
async function check(data: unknown, code?: string) {
  let guesses = 0;
  const asked: string[] = [];
  const connection = { guessed: () => void guesses++ };
  const verify = async (_: string, __: unknown, token: string) => {
    asked.push(token);
    if (code !== undefined) throw new HotroomError(code, "no");
    return { text: "{}" };
  };
  const application = { name: "app" };
  const outcome = await checkToken(
    application as never,
    connection as never,
    { algorithms: ["HS256"] },
    data,
    { verify },
  ).catch((error: HotroomError) => error.code);
  return { outcome, guesses, asked };
}

test.each([undefined, null, 5, "token", [], {}, { token: 5 }, { token: null }, { token: ["a"] }])(
  "login data %j has no token, which nobody needs to verify",
  async (data) => {
    expect(await check(data)).toEqual({ outcome: "invalid_token", guesses: 0, asked: [] });
  },
);

test("a token that is none is a guess, one that can't be verified now is not", async () => {
  expect(await check({ token: "a" })).toEqual({ outcome: { text: "{}" }, guesses: 0, asked: ["a"] });
  expect(await check({ token: "a" }, "invalid_token")).toMatchObject({
    outcome: "invalid_token",
    guesses: 1,
  });
  expect(await check({ token: "a" }, "application_unavailable")).toMatchObject({ guesses: 0 });
});
