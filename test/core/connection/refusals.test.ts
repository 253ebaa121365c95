/** Clients that send more than they may: what is over costs the server next to nothing, and who comes again does not begin anew. */
import { expect, test } from "bun:test";
import { login, send, settle } from "../session/links.ts";
import { type Link, Stage } from "../session/stage.ts";

const RATE = 20;
const ping = { event: "ping", id: 1 };

/** Sends frames until the server closes the link, or `most` were sent; returns how many. */
function flood(link: Link, most: number, frame: object = ping): number {
  let sent = 0;
  for (; sent < most && link.closeCode === undefined; sent++) send(link, frame);
  return sent;
}

/** The codes of the answers that a link has got, in order. */
function codesOf(link: Link): string[] {
  return link.toClient.map((text) => JSON.parse(text)).map(({ ok, error }) => (ok ? "ok" : error.code));
}

test("[P98] connections without a user have 5,000 refusals together, whoever comes again", () => {
  const stage = new Stage({}, { rate: RATE });
  const sent = Array.from({ length: 8 }, () => flood(stage.open(), 2000) - RATE);
  expect(sent).toEqual([1001, 1001, 1001, 1001, 997, 1, 1, 1]);
  stage.clock.advance(1000);
  expect(flood(stage.open(), 2000) - RATE).toBe(501);
});

test("[P98] who has a user is not closed because others without one have used theirs up", async () => {
  const stage = new Stage({}, { rate: RATE });
  const [ann] = await login(stage, "ann");
  for (let n = 0; n < 6; n++) flood(stage.open(), 2000);
  expect(flood(ann, 500)).toBe(500);
  expect(ann.closeCode).toBeUndefined();
  const [bob] = await login(stage, "bob");
  expect(codesOf(bob)).toEqual(["ok"]);
});

test("[P98] who comes back to a session does not begin anew", async () => {
  const stage = new Stage({}, { rate: RATE });
  const [ann, session] = await login(stage, "ann");
  expect(flood(ann, 800)).toBe(800);
  const again = stage.open();
  send(again, { event: "reconnect", id: 2, data: { session, seen: 0 } });
  await settle(stage);
  expect(flood(again, 2000)).toBeLessThan(300);
  expect(again.closeCode).toBe(4502);
});

test("[P95] a frame over the rate that is longer than 1 KB is not read, and counts; its id is found where it stands first", async () => {
  const stage = new Stage({}, { rate: RATE });
  const [ann, session] = await login(stage, "ann");
  flood(ann, RATE - 2);
  const before = ann.toClient.length;
  const long = { data: "x".repeat(2000) };
  send(ann, { event: "ping", id: 7, ...long });
  send(ann, { ...long, event: "ping", id: 8 });
  const [first, second] = ann.toClient.slice(before).map((text) => JSON.parse(text));
  expect([first.id, first.error.code]).toEqual([7, "rate_limited"]);
  expect([second.event, second.error.code]).toEqual(["error", "rate_limited"]);
  const again = stage.open();
  send(again, { event: "reconnect", id: 2, data: { session, seen: 0 } });
  expect(JSON.parse(again.toClient[0] ?? "").data.received).toBe(2);
});

test("[P95] a frame that can't be read counts by its size", () => {
  const stage = new Stage({}, { rate: RATE });
  const bad = stage.open();
  bad.toServer.push("[".repeat(30_000));
  bad.read();
  send(bad, ping);
  expect(codesOf(bad)).toEqual(["bad_frame", "rate_limited"]);
});

test("[P95] of connections without a user 4 MB of large frames are read, whoever comes again; small ones and users' are not counted", async () => {
  const stage = new Stage({}, { rate: RATE });
  const [ann] = await login(stage, "ann");
  const large = { event: "ping", id: 1, data: "x".repeat(60_000) };
  const codes = Array.from({ length: 10 }, () => {
    const link = stage.open();
    flood(link, 10, large);
    return codesOf(link);
  }).flat();
  expect(codes.lastIndexOf("ok")).toBe(68);
  expect(codes.indexOf("rate_limited")).toBe(69);
  send(ann, large);
  expect(codesOf(ann)).toEqual(["ok", "ok"]);
  const [bob] = await login(stage, "bob");
  expect(codesOf(bob)).toEqual(["ok"]);
});

test("[P98] who guesses secrets is closed once others have guessed as well; one wrong secret each connection may give", () => {
  const stage = new Stage({}, {});
  const guess = (link: Link) => send(link, { event: "reconnect", id: 1, data: { session: "wrong" } });
  const first = stage.open();
  for (let n = 0; n < 1001; n++) guess(first);
  expect([first.closeCode, codesOf(first).length]).toEqual([undefined, 1001]);
  const others = [stage.open(), stage.open()] as const;
  for (const link of others) guess(link);
  expect(others.map(codesOf)).toEqual([["session_expired"], ["session_expired"]]);
  for (const link of [first, ...others]) guess(link);
  expect([first, ...others].map(({ closeCode }) => closeCode)).toEqual([4502, 4502, 4502]);
  stage.clock.advance(1000);
  const later = stage.open();
  for (let n = 0; n < 101; n++) guess(later);
  expect(later.closeCode).toBeUndefined();
  guess(later);
  expect(later.closeCode).toBe(4502);
});

test("[P98] a refused frame counts once more for each KB among the refusals of connections without a user", () => {
  const stage = new Stage({}, { rate: RATE });
  const large = { event: "ping", id: 1, data: "x".repeat(60_000) };
  const refused = Array.from({ length: 6 }, () => {
    const link = stage.open();
    flood(link, RATE);
    flood(link, 1000, large);
    return codesOf(link).filter((code) => code === "rate_limited").length;
  });
  expect(refused.reduce((sum, count) => sum + count)).toBe(Math.floor(5000 / 59));
});

test("[P154] large frames that take long to read count for more than their bytes; who sends them is refused, and others are not", async () => {
  const stage = new Stage({}, { bytes: 4_000_000 });
  const [[ann], [bob]] = [await login(stage, "ann"), await login(stage, "bob")];
  const frame = { event: "ping", id: 1, data: "x".repeat(5000) };
  const real = stage.clock.monotonic.bind(stage.clock);
  // Each look at the clock is 60 ms later than the one before.
  let late = 0;
  stage.clock.monotonic = () => {
    late += 60;
    return real() + late;
  };
  const before = ann.toClient.length;
  flood(ann, 10, frame);
  expect(codesOf(ann).slice(before)).toContain("rate_limited");
  stage.clock.monotonic = () => real() + late;
  const known = bob.toClient.length;
  flood(bob, 10, frame);
  expect(codesOf(bob).slice(known)).toEqual(Array.from({ length: 10 }, () => "ok"));
});
