import { expect, type Member, open, test } from "hotroom/test";

/** Two players in a match; the first is red, and begins. */
async function match() {
  const stage = await open("connectfour", { room: "m", type: "match" });
  const [ann, bob] = [await stage.user("ann"), await stage.user("bob")];
  return { stage, bob, red: await ann.join("m"), yellow: await bob.join("m") };
}

async function play(red: Member, yellow: Member, ...columns: number[]) {
  for (const [turn, column] of columns.entries()) await (turn % 2 ? yellow : red).request("drop", { column });
}

test("four in a line win, and who has lost begins again", async () => {
  const { stage, red, yellow } = await match();
  await play(red, yellow, 0, 1, 0, 1, 0, 1, 0);
  const { turn, end } = await stage.state("m");
  expect([turn, end.winner, end.reason, end.line.length]).toEqual([
    null,
    "red",
    "ann has four in a line.",
    4,
  ]);
  await yellow.request("again");
  expect((await stage.state("m")).turn).toBe("yellow");
});

test("nobody moves twice, into a full column, or beside the board", async () => {
  const { red, yellow } = await match();
  await play(red, yellow, 3, 3, 3, 3, 3, 3);
  await expect(yellow.request("drop", { column: 0 })).toThrow("It is not your turn.");
  await expect(red.request("drop", { column: 3 })).toThrow("That column is full.");
  await expect(red.request("drop", { column: 7 })).toThrow({ code: "invalid_data" });
});

test("who loses the connection is waited for, but not for ever", async () => {
  const { stage, bob, red } = await match();
  await bob.drop();
  await stage.advance(19_000);
  expect((await stage.state("m")).end).toBe(null);
  await stage.advance(1000);
  expect((await stage.state("m")).end).toMatchObject({
    winner: "red",
    reason: "A player did not come back.",
  });
  await expect(red.request("drop", { column: 0 })).toThrow("No game is on.");
});

test("who leaves gives its seat to the next", async () => {
  const { stage, red, yellow } = await match();
  await play(red, yellow, 3);
  await yellow.leave();
  expect((await stage.state("m")).end).toMatchObject({ winner: "red", reason: "bob left." });
  await (await stage.user("cat")).join("m");
  const { board, seats, turn } = await stage.state("m");
  expect([board.flat(), seats.map(({ name }: { name: string }) => name), turn]).toEqual([
    [],
    ["ann", "cat"],
    "red",
  ]);
});
