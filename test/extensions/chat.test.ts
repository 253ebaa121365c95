import { beforeAll, expect, test } from "bun:test";
import { examples, startServer, type TestServer } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";

onEachRuntime("the example chat", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, extensions: examples, args: ["--inbound-rate", "0"] });
  });

  test("who comes in later gets the history, at most fifty lines of it", async () => {
    const ann = await server.user("chat", "ann", "history");
    expect((await ann.message("history")).data).toEqual([]);
    for (let n = 0; n < 55; n++) await ann.ask("history", "say", { text: `line ${n}` });
    expect((await ann.message("said")).data).toMatchObject({ from: "ann", text: "line 0" });
    const bob = await server.user("chat", "bob", "history");
    const { data } = await bob.message("history");
    expect(data).toHaveLength(50);
    expect(data[0]).toMatchObject({ from: "ann", text: "line 5" });
    expect(data[49]).toMatchObject({ from: "ann", text: "line 54" });
  });

  test("a whisper reaches the one it is for, and nobody else", async () => {
    const [ann, bob, cat] = [
      await server.user("chat", "ann w", "whispers"),
      await server.user("chat", "bob w", "whispers"),
      await server.user("chat", "cat w", "whispers"),
    ];
    expect(await ann.ask("whispers", "names")).toEqual(["ann w", "bob w", "cat w"]);
    expect(await ann.ask("whispers", "whisper", { to: "bob w", text: "psst" })).toEqual({ to: "bob w" });
    expect((await bob.message("whispered")).data).toEqual({ from: "ann w", text: "psst" });
    await cat.settle();
    expect(cat.messages("whispered")).toEqual([]);
    const whisper = { event: "message", room: "whispers", type: "whisper" };
    expect(await ann.fails({ ...whisper, data: { to: "nobody", text: "psst" } })).toMatchObject({
      code: "refused",
      message: expect.stringContaining('There is no "nobody" in this room.'),
    });
  });

  test("coming and going is noticed, also when a connection breaks", async () => {
    const ann = await server.user("chat", "ann n", "notices");
    const bob = await server.user("chat", "bob n", "notices");
    expect((await ann.message("notice")).data).toEqual({ text: "bob n came in." });
    bob.close();
    expect((await ann.message("notice")).data).toEqual({ text: "bob n left." });
    await bob.closed;
    expect(bob.messages("notice")).toEqual([]);
  });

  test("who has lost the connection is shown as away until it is back", async () => {
    const ann = await server.user("chat", "ann p", "presences");
    const bob = await server.user("chat", "bob p", "presences");
    const { session } = bob.frames()[0].data;
    bob.drop();
    expect((await ann.message("presence")).data).toEqual({ name: "bob p", away: true });
    expect(await ann.ask("presences", "away")).toEqual(["bob p"]);
    const back = await server.connect("chat");
    await back.ok({ event: "reconnect", data: { session } });
    expect((await ann.message("presence")).data).toEqual({ name: "bob p", away: false });
    expect(await ann.ask("presences", "away")).toEqual([]);
  });

  test("empty and endless lines are invalid, and others never see them", async () => {
    const ann = await server.user("chat", "ann i", "invalid");
    for (const data of [{ text: "  " }, { text: "x".repeat(501) }, { text: 1 }, {}, null]) {
      const error = await ann.fails({ event: "message", room: "invalid", type: "say", data });
      expect(error.code).toBe("invalid_data");
    }
    await ann.ask("invalid", "say", { text: " trimmed " });
    expect(ann.messages("said").map((line) => line.text)).toEqual(["trimmed"]);
  });
});
