import { expect, open, test } from "hotroom/test";

const stroke = { colour: "#1e4fa3", points: [[0, 0], [10, 20]] }; // biome-ignore format: a line each

test("what one draws the others get, and who comes later, until somebody clears the board", async () => {
  const stage = await open("whiteboard", { room: "board" });
  const ann = await (await stage.user("ann")).join("board");
  const bob = await (await stage.user("bob")).join("board");
  await ann.send("draw", stroke);
  expect(await bob.next("drawn")).toEqual(stroke);
  const cat = await (await stage.user("cat")).join("board");
  expect(await cat.next("board")).toEqual([stroke]);
  await bob.request("clear");
  expect((await stage.state("board")).strokes).toEqual([]);
  await expect(ann.request("draw", { ...stroke, colour: "blue" })).toThrow({ code: "invalid_data" });
});

test("a board keeps the newest 500 strokes", async () => {
  const stage = await open("whiteboard", { room: "board" });
  const ann = await (await stage.user("ann")).join("board");
  for (let n = 0; n < 510; n++) await ann.send("draw", { ...stroke, points: [[n, n]] });
  const { strokes } = await stage.state("board");
  expect([strokes.length, strokes[0].points[0][0]]).toEqual([500, 10]);
});

test("where one points the others see, and nobody keeps it", async () => {
  const stage = await open("whiteboard", { room: "board" });
  const ann = await (await stage.user("ann")).join("board");
  const bob = await (await stage.user("bob")).join("board");
  await ann.send("cursor", [10, 20]);
  const { from, data } = await bob.next("cursor");
  expect([typeof from, data]).toEqual(["string", [10, 20]]);
  expect(ann.received.some(({ type }) => type === "cursor")).toBe(false);
  await expect(ann.request("cursor", "x".repeat(40))).toThrow({ code: "too_large" });
  for (let n = 0; n < 58; n++) await ann.send("cursor", [n, n]);
  await expect(ann.request("cursor", [0, 0])).toThrow({ code: "rate_limited" });
  await stage.advance(1000);
  await ann.request("cursor", [0, 0]);
});
