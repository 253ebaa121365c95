import { expect, open, test } from "hotroom/test";

test("who runs is moved by the ticks, and stops at the wall", async () => {
  const stage = await open("arena");
  const ann = await (await stage.user("ann", { colour: "#3fa9c1" })).join("arena");
  const { you, players } = await ann.next("welcome");
  await ann.send("input", { dx: 1, dy: 0 });
  await stage.advance(50);
  const [[id, x, y]] = await ann.next("positions");
  expect({ id, y }).toEqual({ id: you, y: players[you].y });
  expect(x).not.toBe(players[you].x);
  await stage.advance(4000);
  expect((await stage.state("arena")).players[you].x).toBe(800);
});

test("who loses the connection does not run on", async () => {
  const stage = await open("arena");
  const ann = await stage.user("ann");
  const seat = await ann.join("arena");
  await seat.send("input", { dx: 0, dy: -1 });
  await ann.drop();
  const { players } = await stage.state("arena");
  await stage.advance(1000);
  expect((await stage.state("arena")).players).toEqual(players);
});

test("a name that is no name, or is taken, does not get in", async () => {
  const stage = await open("arena");
  await expect(stage.user("!")).toThrow("Log in with a name of 2 to 16 letters");
  await stage.user("ann");
  await expect(stage.user("ann")).toThrow('The name "ann" is taken.');
});
