import { expect, open, test } from "hotroom/test";

test("who comes later is told what was said", async () => {
  const stage = await open("chat");
  const ann = await (await stage.user("ann")).join("hall");
  await ann.send("say", { text: "  hello " });
  await stage.advance(60_000);
  const bob = await (await stage.user("bob")).join("hall");
  const [line] = await bob.next("history");
  expect(line).toEqual({ id: 1, from: "ann", text: "hello", at: Date.now() - 60_000 });
  expect(await ann.next("notice")).toEqual({ text: "bob came in." });
});

test("only a moderator mutes, removes and bans, and who was banned does not come back", async () => {
  const stage = await open("chat", { room: "hall" });
  const [ann, bob] = [await stage.user("ann"), await stage.user("bob")];
  const seat = await ann.join("hall");
  const other = await bob.join("hall", { key: "guessed" });
  await expect(other.request("mute", { name: "ann", seconds: 60 })).toThrow("Only moderators do that.");
  await expect(seat.request("ban", { name: "bob" })).toThrow("Only moderators do that.");
  await expect(seat.request("remove", { id: 1 })).toThrow("Only moderators do that.");
});

test("an edit goes on with the history, whose lines it may change", async () => {
  const stage = await open("chat");
  const ann = await (await stage.user("ann")).join("hall");
  await ann.send("say", { text: "hello" });
  await stage.edit({
    "chat.ts": `import { defineRoom } from "hotroom";
      export default defineRoom({
        state: () => ({ texts: [] as string[] }),
        migrate: (old) => ({ texts: old.history.map(({ text }: { text: string }) => text) }),
      });`,
  });
  expect(await stage.state("hall")).toEqual({ texts: ["hello"] });
});

test("a whisper goes to nobody else", async () => {
  const stage = await open("chat", { room: "hall" });
  const [ann, bob, eve] = [await stage.user("ann"), await stage.user("bob"), await stage.user("eve")];
  const a = await ann.join("hall");
  const [b, e] = [await bob.join("hall"), await eve.join("hall")];
  expect(await a.request("whisper", { to: "bob", text: "psst" })).toEqual({ to: "bob" });
  expect(await b.next("whispered")).toEqual({ from: "ann", text: "psst" });
  expect(e.received.map(({ type }) => type)).not.toContain("whispered");
  await expect(a.request("whisper", { to: "max", text: "psst" })).toThrow('There is no "max" in this room.');
});

test("who is away is told of, and leaves when the time to come back is over", async () => {
  const stage = await open("chat");
  const [ann, bob] = [await stage.user("ann"), await stage.user("bob")];
  const seat = await ann.join("hall");
  await bob.join("hall");
  await bob.drop();
  expect(await seat.request("away")).toEqual(["bob"]);
  await stage.advance(30_000);
  expect(seat.received.find(({ event }) => event === "leave")).toMatchObject({ user: { name: "bob" } });
  expect(await seat.request("names")).toEqual(["ann"]);
  await expect(bob.resume()).toThrow("session_expired");
});
