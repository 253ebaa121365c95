import { expect, open, test } from "hotroom/test";

test("who runs is moved by the ticks, and bounces off the wall", async () => {
  const stage = await open("arena", { room: "pit", config: { bots: 0 } });
  const ann = await stage.user("ann");
  const seat = await ann.join("pit", { colour: "#3fa9c1" });
  const { discs, size, radius } = await seat.next("world");
  const [id] = Object.keys(discs);
  await seat.send("input", [1, 0]);
  let furthest = 0;
  for (let n = 0; n < 80; n++) {
    await stage.advance(50);
    const [x, y] = (await seat.next("positions"))[id ?? ""];
    expect(y).toBe(discs[id ?? ""].at[1]);
    furthest = Math.max(furthest, x);
  }
  expect(furthest).toBe(size[0] - radius);
});

test("bots run after who came first", async () => {
  const stage = await open("arena", { room: "pit", config: { bots: 1 } });
  const seat = await (await stage.user("ann")).join("pit", { colour: "#3fa9c1" });
  const apart = async () => {
    const [bot, ann] = Object.values((await stage.state("pit")).discs) as { at: [number, number] }[];
    return Math.hypot((bot?.at[0] ?? 0) - (ann?.at[0] ?? 0), (bot?.at[1] ?? 0) - (ann?.at[1] ?? 0));
  };
  await seat.next("world");
  for (let n = 0; n < 100 && (await apart()) > 60; n++) await stage.advance(50);
  expect((await apart()) <= 60).toBe(true);
});

test("who loses the connection does not run on, and who leaves is gone", async () => {
  const stage = await open("arena", { room: "pit", config: { bots: 0 } });
  const ann = await stage.user("ann");
  const seat = await ann.join("pit", { colour: "#3fa9c1" });
  await seat.send("input", [0, -1]);
  await ann.drop();
  const [disc] = Object.values((await stage.state("pit")).discs) as { wish: unknown }[];
  expect(disc?.wish).toEqual([0, 0]);
  await stage.user("bob").then((bob) => bob.join("pit", { colour: "#123456" }));
  await stage.advance(30_000);
  expect(Object.keys((await stage.state("pit")).discs).length).toBe(1);
});
