import { expect, test } from "bun:test";
import { DirectoryPieces } from "../../../src/core/directory/directory_pieces.ts";

const user = (n: number, data?: string) => ({ id: `u${n}`, name: `user ${n}`, ...(data ? { data } : {}) });

test("few changes are one piece, of no changes there is none", () => {
  const pieces = new DirectoryPieces();
  expect(pieces.all()).toEqual([]);
  const room = {
    name: "hall",
    type: "r",
    users: 1,
    maxUsers: null,
    keep: false,
    locked: false,
    hidden: false,
  };
  pieces.removeUser("u1");
  pieces.addUser(user(2));
  pieces.removeRoom("gone");
  pieces.addRoom(room);
  expect(pieces.all()).toEqual([
    { users: { remove: ["u1"], add: [user(2)] }, rooms: { remove: ["gone"], add: [room] } },
  ]);
});

test("many changes are several pieces, none of them large, in the order of the changes", () => {
  const pieces = new DirectoryPieces();
  for (let n = 0; n < 5000; n++) pieces.removeUser(`u${n}`);
  for (let n = 5000; n < 10_000; n++) pieces.addUser(user(n, '"x"'));
  const all = pieces.all();
  for (const { users } of all) expect(users.remove.length + users.add.length).toBeWithin(1, 501);
  const ids = all.flatMap(({ users }) => [...users.remove, ...users.add.map(({ id }) => id)]);
  expect(ids).toEqual(Array.from({ length: 10_000 }, (_, n) => `u${n}`));
});

test("users with much data share a piece with few; one with more than a piece holds has its own", () => {
  const pieces = new DirectoryPieces();
  const data = (units: number) => JSON.stringify("x".repeat(units - 2));
  for (let n = 0; n < 100; n++) pieces.addUser(user(n, data(60_000)));
  pieces.addUser(user(100, data(1_000_000)));
  pieces.addUser(user(101));
  const sizes = pieces
    .all()
    .map(({ users }) => users.add.reduce((sum, { data }) => sum + (data?.length ?? 0), 0));
  expect(sizes).toEqual([...Array.from({ length: 50 }, () => 120_000), 1_000_000, 0]);
});
