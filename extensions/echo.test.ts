import { expect, open, test } from "hotroom/test";

test("what is sent comes back, and goes to the others", async () => {
  const stage = await open("echo", { room: "hall" });
  const ann = await (await stage.user("ann")).join("hall");
  const bob = await (await stage.user("bob")).join("hall");
  expect(await ann.request("echo", "hello")).toBe("hello");
  expect(await bob.next("echoed")).toEqual({ by: "ann", data: "hello" });
  expect(await stage.state("hall")).toEqual({ echoed: 1 });
});

test("an edit keeps the count", async () => {
  const stage = await open("echo", { room: "hall" });
  const ann = await (await stage.user("ann")).join("hall");
  await ann.send("echo", 1);
  await stage.edit({
    "echo.ts": `import { defineRoom } from "hotroom";
      export default defineRoom<{ echoed: number }>({ messages: { count: (room) => room.state.echoed } });`,
  });
  expect(await ann.request("count")).toBe(1);
});
