import { beforeAll, expect, test } from "bun:test";
import questions from "../../extensions/quiz/questions.json" with { type: "json" };
import { killTree } from "../bench/kill_tree.ts";
import type { TestClient } from "../e2e/client.ts";
import { examples, makeFolder, startServer, type TestServer } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";

onEachRuntime("the example quiz", (runtime) => {
  const data = makeFolder();
  let server: TestServer;
  const start = () => startServer({ runtime, extensions: examples, args: ["--data", data] });
  beforeAll(async () => {
    server = await start();
  });

  /** The number of the right choice, and of one that is wrong. */
  function choices(question: { text: string }) {
    const { right } = questions.find(({ text }) => text === question.text) as { right: number };
    return { right, wrong: right === 0 ? 1 : 0 };
  }

  const answer = (client: TestClient, room: string, choice: number) => client.ask(room, "answer", { choice });

  const board = (client: TestClient) => client.ask(undefined, "leaderboard");

  test("who is right gets points, the first one most, and the leaderboard is told to all", async () => {
    const ann = await server.user("quiz", "ann", "one");
    const bob = await server.user("quiz", "bob", "one");
    const cat = await server.user("quiz", "cat", "one");
    await ann.ask("one", "ask", { time: 1000 });
    const { right, wrong } = choices((await bob.message("question")).data);
    await answer(ann, "one", wrong);
    await answer(bob, "one", right);
    await answer(cat, "one", right);
    expect((await ann.message("answer")).data.gained).toEqual([
      { name: "bob", points: 3 },
      { name: "cat", points: 1 },
    ]);
    expect((await ann.message("leaderboard")).data).toEqual(await board(cat));
    expect(await board(cat)).toEqual([
      ["bob", 3],
      ["cat", 1],
    ]);
  });

  test("the host asks, and who has been there longest is the host", async () => {
    const fay = await server.user("quiz", "fay", "hosts");
    const gil = await server.user("quiz", "gil", "hosts");
    const ask = { event: "message", room: "hosts", type: "ask" };
    expect((await gil.fails(ask)).message).toBe("Only the host asks.");
    await fay.ok({ event: "leave", room: "hosts" });
    await gil.ok(ask);
  });

  test("one answer counts, while the question is open, and of the choices that there are", async () => {
    const dan = await server.user("quiz", "dan", "two");
    const refusal = async (choice: unknown) =>
      (await dan.fails({ event: "message", room: "two", type: "answer", data: { choice } })).message;
    expect(await refusal(0)).toBe("No question is open.");
    await dan.ask("two", "ask");
    expect((await dan.fails({ event: "message", room: "two", type: "ask" })).message).toBe(
      "A question is open.",
    );
    expect(await refusal(9)).toBe("There is no such choice.");
    await answer(dan, "two", 0);
    expect(await refusal(0)).toBe("You have answered.");
  });

  test("scores outlive a server that is killed, and a question that was open closes, once, after the next start", async () => {
    const eve = await server.user("quiz", "eve", "three");
    const session = eve.frames()[0].data.session;
    const before = await board(eve);
    expect(before.length).toBeGreaterThan(0);
    await eve.ask("three", "ask", { time: 1000 });
    const { right } = choices((await eve.message("question")).data);
    await answer(eve, "three", right);
    await killTree(server.pid);
    await server.kill();
    server = await start();
    const back = await server.connect("quiz");
    back.idPrefix = "back ";
    await back.ok({ event: "reconnect", data: { session, seen: 0 } });
    await back.message("leaderboard");
    expect(new Map(await board(back))).toEqual(new Map([...before, ["eve", 3]]));
    await back.ask("three", "ask");
  });
});
