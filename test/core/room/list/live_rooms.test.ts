/** Who follows a list of rooms hears how each stands in the end, and no crowd of either takes the loop. */
import { expect, test } from "bun:test";
import type { Audience } from "../../../../src/core/room/audience.ts";
import { LiveRooms } from "../../../../src/core/room/list/live_rooms.ts";
import type { ListedRoom, RoomFilter } from "../../../../src/core/room/list/room_list.ts";
import type { User } from "../../../../src/core/user/user.ts";
import type { ServerEvent } from "../../../../src/protocol/codec.ts";
import { FakeClock } from "../../fake_clock.ts";

/** A room that a test changes. */
interface ChangedRoom extends ListedRoom {
  isPublic: boolean;
  isOpen: boolean;
  listing: string;
}

function make() {
  const clock = new FakeClock();
  /** What was sent: to how many, and what. */
  const sent: { at: number; to: number; room: string; text: string }[] = [];
  const makeAudience = () => {
    const users = new Set<User>();
    return {
      get size() {
        return users.size;
      },
      add: (user: User) => users.add(user),
      remove: (user: User) => users.delete(user),
      send: (event: ServerEvent) => {
        if (event.event !== "room_change") return;
        const text = "listing" in event ? event.listing : "gone";
        sent.push({ at: clock.monotonic(), to: users.size, room: event.room, text });
      },
    } as unknown as Audience;
  };
  const live = new LiveRooms(clock, makeAudience);
  const follow = (count: number, filter: RoomFilter = { open: false }) => {
    const users = Array.from({ length: count }, () => ({}) as User);
    for (const user of users) live.follow(user, filter);
    return users;
  };
  const room = (name: string): ChangedRoom => ({
    name,
    type: "match",
    isPublic: true,
    isOpen: true,
    listing: "0",
  });
  return { clock, live, follow, room, sent };
}

test("a room that changes at any rate is told of each half second, at last as it is", () => {
  const { clock, live, follow, room, sent } = make();
  follow(1);
  const busy = room("busy");
  for (let n = 1; n <= 300; n++) {
    busy.listing = String(n);
    live.changed(busy, true);
    clock.advance(10);
  }
  clock.advance(1000);
  expect(sent.length).toBe(7);
  for (const [n, { at }] of sent.entries()) expect(at - (sent[n - 1]?.at ?? 0)).toBeGreaterThanOrEqual(500);
  expect(sent.at(-1)?.text).toBe("300");
  expect(clock.pending).toBe(0);
});

test("a thousand rooms that change with a thousand who follow cost so many frames at a time, and none is forgotten", () => {
  const { clock, live, follow, room, sent } = make();
  follow(1000);
  const rooms = Array.from({ length: 1000 }, (_, n) => room(`room ${n}`));
  for (let round = 0; round < 20; round++) {
    for (const each of rooms) {
      each.listing = String(round);
      live.changed(each, true);
    }
    clock.advance(100);
  }
  const moments = new Map<number, number>();
  for (const { at, to } of sent) moments.set(at, (moments.get(at) ?? 0) + to);
  expect(Math.max(...moments.values())).toBe(1000);
  const frames = sent.reduce((sum, { to }) => sum + to, 0);
  expect(frames).toBeGreaterThan(55_000);
  expect(frames).toBeLessThanOrEqual(61_000);
  // The one that has waited longest goes first.
  const first = sent.slice(0, 50).map((each) => each.room);
  expect(first).toEqual(rooms.slice(0, 50).map(({ name }) => name));
  clock.advance(60_000);
  const last = new Map(sent.map((each) => [each.room, each.text]));
  expect(last.size).toBe(1000);
  expect(new Set(last.values())).toEqual(new Set(["19"]));
  expect(clock.pending).toBe(0);
});

test("of a room that is gone all hear who may have heard of it, and of a hidden one nobody", () => {
  const { clock, live, follow, room, sent } = make();
  follow(2);
  const [shown, hidden, brief] = [room("shown"), room("hidden"), room("brief")];
  live.changed(shown, false);
  hidden.isPublic = false;
  live.changed(hidden, false);
  live.changed(brief, false);
  brief.isPublic = false;
  live.changed(brief, true);
  clock.advance(100);
  shown.isPublic = false;
  live.changed(shown, true);
  clock.advance(1000);
  expect(sent.map(({ room, text }) => [room, text])).toEqual([
    ["shown", "0"],
    ["brief", "gone"],
    ["shown", "gone"],
  ]);
});

test("a list of open rooms hears that one is shut also where it was open for a moment only, and asked for in that", () => {
  const { clock, live, follow, room, sent } = make();
  follow(1, { open: true });
  const door = room("door");
  const set = (isOpen: boolean) => {
    door.isOpen = isOpen;
    live.changed(door, true);
  };
  set(false);
  clock.advance(1000);
  set(false);
  clock.advance(1000);
  expect(sent).toHaveLength(1);
  set(true);
  // Who asks now is given it as an open one.
  follow(1, { open: true });
  set(false);
  clock.advance(1000);
  expect(sent).toHaveLength(2);
  expect(sent.at(-1)?.to).toBe(2);
});

test("who follows no more hears nothing, and nothing is kept for nobody", () => {
  const { clock, live, follow, room, sent } = make();
  const [user] = follow(1) as [User];
  live.changed(room("a"), true);
  live.unfollow(user);
  expect(clock.pending).toBe(0);
  live.changed(room("b"), true);
  clock.advance(1000);
  expect(sent).toEqual([]);
  live.follow(user, { open: true });
  live.follow(user, { open: false });
  live.changed(room("c"), true);
  clock.advance(1000);
  expect(sent.map(({ room, to }) => [room, to])).toEqual([["c", 1]]);
});

test("lists of one type hear that a room is gone whose name another type has at once", () => {
  const { clock, live, follow, room, sent } = make();
  follow(1, { open: false, type: "match" });
  const first = room("x");
  live.changed(first, false);
  clock.advance(100);
  first.isPublic = false;
  live.changed(first, true);
  live.changed({ ...room("x"), type: "chat" }, false);
  clock.advance(1000);
  expect(sent.map(({ text }) => text)).toEqual(["0", "gone"]);
});
