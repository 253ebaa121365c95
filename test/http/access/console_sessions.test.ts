import { createHash } from "node:crypto";
import { expect, test } from "bun:test";
import { ApiTokens } from "../../../src/http/access/api_tokens.ts";
import {
  ConsoleSessions,
  type KeptSession,
  type SessionKeeper,
} from "../../../src/http/access/console_sessions.ts";

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

test("a browser that shows the same once more keeps its session, and so its other tabs; one that shows something else gets another", async () => {
  const sessions = new ConsoleSessions(clock, "the secret", [tokens(reader)]);
  const again = async (shown: string, cookie: string) => {
    const opening = await sessions.open(shown, "10.0.0.1", headersOf(cookie));
    return typeof opening === "string" ? opening : opening.cookie;
  };
  for (const [shown, other] of [
    ["the secret", "a-token-that-may-read"],
    ["a-token-that-may-read", "the secret"],
  ] as const) {
    const cookie = await opened(sessions, shown);
    expect(await again(shown, cookie)).toBe(cookie);
    expect(await again("a guess", cookie)).toBe("wrong");
    const another = await again(other, cookie);
    expect(another).not.toBe(cookie);
    expect(await again(shown, "of no session")).not.toBe("of no session");
  }
});

/** Keeps what it is given, as the text that would be on a disk. */
class Kept implements SessionKeeper {
  text = "[]";
  get found(): KeptSession[] {
    return JSON.parse(this.text);
  }
  save(sessions: readonly KeptSession[]): void {
    this.text = JSON.stringify(sessions);
  }
}

const headersOf = (cookie: string, key?: string) =>
  new Headers({ host: "x:80", cookie: `hotroom_console_80=${cookie}`, ...(key && { "x-hotroom-key": key }) });

async function opened(sessions: ConsoleSessions, shown: string): Promise<string> {
  const opening = await sessions.open(shown, "10.0.0.1");
  if (typeof opening === "string") throw new Error(opening);
  return opening.cookie;
}

const tokens = (text: string) => ({ current: async () => ApiTokens.parse(text) });
const reader = JSON.stringify([{ token: "a token that may read".replaceAll(" ", "-"), scopes: ["read"] }]);

test("a session outlives the server, with its cookie, its key, and what it may do", async () => {
  const kept = new Kept();
  const before = new ConsoleSessions(clock, "the secret", [tokens(reader)], kept);
  const bySecret = await opened(before, "the secret");
  const byToken = await opened(before, "a-token-that-may-read");
  const after = new ConsoleSessions(clock, "another secret", [tokens(reader)], kept);
  for (const [cookie, scopes] of [
    [bySecret, ["read", "operate", "edit"]],
    [byToken, ["read"]],
  ] as const) {
    const key = before.find(headersOf(cookie))?.key;
    expect(after.find(headersOf(cookie))?.key).toBe(key as string);
    expect([...((await after.grantOf(headersOf(cookie, key)))?.scopes ?? [])]).toEqual([...scopes]);
  }
  expect(await after.grantOf(headersOf(bySecret, "wrong"))).toBeUndefined();
  expect(await after.open("the secret", "10.0.0.2")).toBe("wrong");
});

test("what is kept of sessions opens nothing, and names no token", async () => {
  const kept = new Kept();
  const sessions = new ConsoleSessions(clock, "the secret", [tokens(reader)], kept);
  const cookies = [await opened(sessions, "the secret"), await opened(sessions, "a-token-that-may-read")];
  const keys = cookies.map((cookie) => sessions.find(headersOf(cookie))?.key ?? "");
  const tokenHash = createHash("sha256").update("a-token-that-may-read").digest("base64url");
  for (const secret of [...cookies, ...keys, "the secret", "a-token-that-may-read", tokenHash])
    expect(kept.text).not.toContain(secret);
  for (const { hash, by } of kept.found)
    for (const tried of [hash, by]) expect(sessions.find(headersOf(tried))).toBeUndefined();
});

test("what has ended before the server did has ended for good: closed, overdue, its token taken away", async () => {
  const kept = new Kept();
  const before = new ConsoleSessions(clock, "the secret", [tokens(reader)], kept);
  const closed = await opened(before, "the secret");
  const byToken = await opened(before, "a-token-that-may-read");
  const key = before.find(headersOf(byToken))?.key;
  before.close(headersOf(closed));
  const after = new ConsoleSessions(clock, "another", [tokens("[]")], kept);
  expect(after.find(headersOf(closed))).toBeUndefined();
  expect(await after.grantOf(headersOf(byToken, key))).toBeUndefined();
  const eightDaysLater = { ...clock, now: () => 8 * 24 * 3600 * 1000 };
  const late = new ConsoleSessions(eightDaysLater, "another", [tokens(reader)], kept);
  expect(late.find(headersOf(byToken))).toBeUndefined();
});

test("who came in by the secret is not let in once there is an admin token; with one from the start a restart changes nothing", async () => {
  const kept = new Kept();
  const server = (isGuarded: boolean) => new ConsoleSessions(clock, "the secret", [], kept, isGuarded);
  const [open, guarded] = [server(false), server(true)];
  const cookie = await opened(open, "the secret");
  const shown = headersOf(cookie, open.find(headersOf(cookie))?.key);
  expect(await server(false).grantOf(shown)).toBeDefined();
  expect(await server(true).grantOf(shown)).toBeUndefined();
  const other = await opened(guarded, "the secret");
  const itsShown = headersOf(other, guarded.find(headersOf(other))?.key);
  expect(await server(true).grantOf(itsShown)).toBeDefined();
});
