import { expect, open, type Member, test } from "hotroom/test";

/** Two players in a match; the first is X, and begins. */
async function match() {
  const stage = await open("tictactoe", { room: "m", type: "match" });
  const [ann, bob] = [await stage.user("ann"), await stage.user("bob")];
  return { stage, bob, x: await ann.join("m"), o: await bob.join("m") };
}

async function play(x: Member, o: Member, ...cells: number[]) {
  for (const [turn, cell] of cells.entries()) await (turn % 2 ? o : x).send("move", { cell });
}

test("the game begins when both are there, and ends with three in a line", async () => {
  const { x, o } = await match();
  expect((await o.next("started")).turn).toBe("X");
  await play(x, o, 0, 3, 1, 4, 2);
  expect(await o.next("over")).toEqual({ winner: "X", reason: "ann has three in a line.", line: [0, 1, 2] });
});

test("nobody moves twice, or to a cell that is taken", async () => {
  const { x, o } = await match();
  await x.send("move", { cell: 4 });
  await expect(x.request("move", { cell: 5 })).toThrow("It is not your turn.");
  await expect(o.request("move", { cell: 4 })).toThrow("That cell is taken.");
  await expect(o.request("move", { cell: 9 })).toThrow({ code: "invalid_data" });
});

test("who loses the connection is waited for, but not for ever", async () => {
  const { stage, bob, x } = await match();
  await bob.drop();
  expect(await x.next("waiting")).toEqual({ for: "bob", ms: 20_000 });
  await stage.advance(19_000);
  expect(x.received.at(-1)).toMatchObject({ type: "waiting" });
  await stage.advance(1000);
  expect(await x.next("over")).toMatchObject({ winner: "X", reason: "A player did not come back." });
});

test("who comes back in time plays on", async () => {
  const { stage, bob, x, o } = await match();
  await bob.drop();
  await x.send("move", { cell: 4 });
  expect(await bob.resume()).toMatchObject({ outcome: "resumed" });
  expect(await o.next("moved")).toEqual({ cell: 4, mark: "X", turn: "O" });
  await stage.advance(60_000);
  await o.send("move", { cell: 0 });
  expect((await stage.state("m")).board).toEqual(["O", "", "", "", "X", "", "", "", ""]);
});
