import { expect, open, test } from "hotroom/test";

test("a question closes by itself, and the first right answer gets the most", async () => {
  const stage = await open("quiz");
  const [ann, bob, eve] = [await stage.user("ann"), await stage.user("bob"), await stage.user("eve")];
  const [a, b, e] = [await ann.join("pub"), await bob.join("pub"), await eve.join("pub")];
  await a.send("ask");
  expect(await e.next("question")).toMatchObject({ text: "How many hearts has an octopus?", by: "ann" });
  await b.send("answer", { choice: 2 });
  await a.send("answer", { choice: 2 });
  await e.send("answer", { choice: 0 });
  await expect(e.request("answer", { choice: 2 })).toThrow("You have answered.");
  await stage.advance(10_000);
  const gained = [
    { name: "bob", points: 3 },
    { name: "ann", points: 1 },
  ];
  expect(await e.next("answer")).toEqual({ right: "three", gained });
  const scores = [
    ["bob", 3],
    ["ann", 1],
  ];
  expect(await ann.next("leaderboard")).toEqual(scores);
  expect(await eve.request("leaderboard")).toEqual(scores);
});

test("who comes late sees the open question", async () => {
  const stage = await open("quiz");
  const ann = await (await stage.user("ann")).join("pub");
  await ann.send("ask", { time: 500 });
  const bob = await (await stage.user("bob")).join("pub");
  expect((await bob.next("question")).choices).toEqual(["one", "two", "three"]);
  await stage.advance(500);
  expect((await stage.state("pub")).open).toBe(null);
});

test("only the host asks, and when it goes the next one is it", async () => {
  const stage = await open("quiz");
  const [ann, bob] = [await stage.user("ann"), await stage.user("bob")];
  const [a, b] = [await ann.join("pub"), await bob.join("pub")];
  await expect(b.request("ask")).toThrow("Only the host asks.");
  await a.leave();
  await b.request("ask");
});
