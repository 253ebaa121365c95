/** Volatile frames for clients that do not keep up. */
import { expect, test } from "bun:test";
import type { RelayEntry } from "../../../src/core/ports/build.ts";
import { login, send, settle } from "../session/links.ts";
import { type Link, Stage } from "../session/stage.ts";

const entry = (type: string, changes: Partial<RelayEntry> = {}): RelayEntry => ({
  type,
  to: "others",
  isVolatile: true,
  rate: 10_000,
  maxBytes: 100_000,
  ...changes,
});
const relays = [entry("cursor"), entry("look", { to: "all" }), entry("ink", { isVolatile: false })];
const say = (link: Link, type: string, data: unknown, room = "hall") =>
  send(link, { event: "message", room, type, data });
const read = (link: Link) => link.toClient.splice(0).map((text) => JSON.parse(text));
const isOf = (type: string) => (frame: { type?: string }) => frame.type === type;

/** Members of a room, all of whom have read what there is. */
async function members(stage: Stage, ...names: string[]): Promise<Link[]> {
  const links = [];
  for (const name of names) {
    const [link] = await login(stage, name);
    send(link, { event: "join", id: 2, room: "hall" });
    await settle(stage);
    links.push(link);
  }
  for (const link of links) read(link);
  return links;
}

/** Has more wait for the others than for these, who read what comes, which is noticed at a next look. */
function delay(...others: Link[]): void {
  const [talker] = others as [Link];
  const tell = (type: string, length: number) => {
    say(talker, type, "x".repeat(length));
    for (const link of others) read(link);
  };
  for (let n = 0; n < 4; n++) tell("ink", 30_000);
  for (let n = 0; n < 2; n++) tell("cursor", 10_000);
}

test("[P174] the newest of each sender and type waits, others are sent all, and who has caught up gets all again", async () => {
  const stage = new Stage({ rooms: "join" }, { relays });
  const [ann, bob, eve] = (await members(stage, "ann", "bob", "eve")) as [Link, Link, Link];
  delay(ann, bob);
  const waited = eve.toClient.length;
  for (let n = 0; n < 100; n++) {
    say(ann, "cursor", n);
    say(bob, "cursor", -n);
    say(bob, "look", `bob ${n}`);
    say(ann, "ink", n);
  }
  expect(
    read(bob)
      .filter(isOf("cursor"))
      .map(({ data }) => data.data),
  ).toEqual(Array.from({ length: 100 }, (_, n) => n));
  expect(read(ann).filter(isOf("look"))).toHaveLength(100);
  // What is not volatile goes on to wait in its socket.
  expect(eve.toClient.slice(waited).map((text) => JSON.parse(text).type)).toEqual(Array(100).fill("ink"));
  stage.clock.advance(1000);
  expect(eve.toClient.slice(waited)).toHaveLength(100);
  read(eve);
  stage.clock.advance(1000);
  const newest = read(eve);
  expect(newest.map(({ type, data, seq }) => [type, data.data, seq])).toEqual([
    ["cursor", 99, undefined],
    ["cursor", -99, undefined],
    ["look", "bob 99", undefined],
  ]);
  expect(stage.clock.pending).toBe(await quiet(stage));
  say(ann, "cursor", "again");
  say(ann, "cursor", "and again");
  for (const link of [bob, eve])
    expect(read(link).map(({ data }) => data.data)).toEqual(["again", "and again"]);
});

/** Timers that a server has whose clients keep up. */
async function quiet(stage: Stage): Promise<number> {
  read(stage.open());
  return stage.clock.pending;
}

test("what waits is bounded: the oldest goes", async () => {
  const stage = new Stage({ rooms: "join" }, { relays });
  const [ann, eve] = (await members(stage, "ann", "eve")) as [Link, Link];
  const many = await members(stage, ...Array.from({ length: 300 }, (_, n) => `n${n}`));
  read(eve);
  delay(ann, ...many);
  for (const [n, link] of many.entries()) say(link, "cursor", n);
  read(eve);
  stage.clock.advance(1000);
  expect(read(eve).map(({ data }) => data.data)).toEqual(
    Array.from({ length: 256 }, (_, n) => 300 - 256 + n),
  );
  for (const link of many) read(link);
  delay(ann, ...many);
  for (const link of many.slice(0, 9)) say(link, "cursor", "y".repeat(20_000));
  read(eve);
  stage.clock.advance(1000);
  expect(read(eve)).toHaveLength(3);
});

test("what waits for who leaves, or loses the connection, is gone with its timer, and so it is who comes back", async () => {
  const stage = new Stage({ rooms: "join", session: { grace: 30_000 } }, { relays });
  const [ann, eve, dan] = (await members(stage, "ann", "eve", "dan")) as [Link, Link, Link];
  const before = stage.clock.pending;
  delay(ann, dan);
  expect(stage.clock.pending).toBe(before + 1);
  say(ann, "cursor", 1);
  send(eve, { event: "leave", id: 3, room: "hall" });
  await settle(stage);
  expect(stage.clock.pending).toBe(before);
  read(eve);
  send(eve, { event: "join", id: 4, room: "hall" });
  await settle(stage);
  read(eve);
  say(ann, "cursor", 2);
  expect(read(eve).map(({ data }) => data.data)).toEqual([2]);
  delay(ann, eve);
  say(ann, "cursor", 3);
  dan.cut();
  dan.ended();
  await settle(stage);
  say(ann, "cursor", 4);
  expect(
    read(eve)
      .filter(isOf("cursor"))
      .map(({ data }) => data.data),
  ).toEqual([3, 4]);
});
