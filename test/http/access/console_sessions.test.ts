import { expect, test } from "bun:test";
import { ConsoleSessions } from "../../../src/http/access/console_sessions.ts";

const clock = { now: () => 0, monotonic: () => 0, after: () => () => {}, every: () => () => {} };

test("wrong secrets that come all at once are counted as those that come one after the other", async () => {
  const sessions = new ConsoleSessions(clock, "the secret of the console");
  const tries = await Promise.all(
    Array.from({ length: 30 }, (_, n) => sessions.open(`guess ${n}`, "10.0.0.1")),
  );
  expect(tries.filter((each) => each === "wrong")).toHaveLength(10);
  expect(tries.filter((each) => each === "too_many")).toHaveLength(20);
  expect(await sessions.open("the secret of the console", "10.0.0.1")).toBe("too_many");
});

test("who knows the secret may open the console as often as it likes", async () => {
  const sessions = new ConsoleSessions(clock, "the secret of the console");
  for (let n = 0; n < 30; n++)
    expect(await sessions.open("the secret of the console", "10.0.0.1")).toHaveProperty("cookie");
});
