import { expect, test } from "bun:test";
import { RoomList } from "../../../../src/core/room/list/room_list.ts";

const room = (n: number, changes = {}) => ({
  name: `room ${n}`,
  type: n % 2 ? "odd" : "even",
  isPublic: true,
  isOpen: true,
  listing: `{"room":"room ${n}"}`,
  ...changes,
});

function names(text: string): [names: number[], more: boolean] {
  const { rooms, more } = JSON.parse(text) as { rooms: { room: string }[]; more: boolean };
  return [rooms.map((each) => Number(each.room.split(" ")[1])), more];
}

test("rooms are found by type and by being open, in the order in which they came", () => {
  const list = new RoomList();
  const rooms = Array.from({ length: 10 }, (_, n) => room(n));
  for (const each of rooms) list.note(each);
  const ask = (filter: object, limit = 100) => names(list.text({ open: false, ...filter }, limit));
  expect(ask({})).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], false]);
  expect(ask({ type: "odd" }, 3)).toEqual([[1, 3, 5], true]);
  expect(ask({ type: "none" })).toEqual([[], false]);
  for (const n of [0, 2]) list.note(Object.assign(rooms[n] as object, { isOpen: false }) as never);
  list.note(Object.assign(rooms[4] as object, { isPublic: false }) as never);
  expect(ask({ open: true, type: "even" })).toEqual([[6, 8], false]);
  expect(ask({ type: "even" })).toEqual([[0, 2, 6, 8], false]);
  for (const each of rooms) list.note(Object.assign(each, { isPublic: false }));
  expect([list.hasType("odd"), ask({})]).toEqual([false, [[], false]]);
});

test("a list ends where its text is long, and says that there is more", () => {
  const list = new RoomList();
  for (let n = 0; n < 1000; n++)
    list.note(room(n, { listing: JSON.stringify({ room: `room ${n}`, meta: "x".repeat(1000) }) }));
  const text = list.text({ open: false }, 1000);
  expect(text.length).toBeLessThan(140_000);
  expect(names(text)[1]).toBe(true);
  expect(names(text)[0].length).toBeGreaterThan(100);
});
