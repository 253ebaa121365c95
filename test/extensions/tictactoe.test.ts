import { beforeAll, expect, test } from "bun:test";
import type { TestClient } from "../e2e/client.ts";
import { examples, startServer, type TestServer } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";

onEachRuntime("the example tictactoe", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, extensions: examples, args: ["--inbound-rate", "0"] });
  });

  let games = 0;
  /** Two players in a match of their own; the first is X and begins. */
  async function match() {
    games += 1;
    const room = `match ${games}`;
    const ann = await server.user("tictactoe", `ann ${games}`);
    const bob = await server.user("tictactoe", `bob ${games}`);
    await ann.ok({ event: "create", room, data: { type: "match" } });
    for (const player of [ann, bob]) await player.ok({ event: "join", room });
    for (const player of [ann, bob]) await player.message("started");
    const refusal = async (player: TestClient, cell: unknown) =>
      player.fails({ event: "message", room, type: "move", data: { cell } });
    const play = async (first: TestClient, second: TestClient, ...cells: number[]) => {
      for (const [turn, cell] of cells.entries())
        await (turn % 2 ? second : first).ask(room, "move", { cell });
    };
    return { room, ann, bob, refusal, play, number: games };
  }

  test("two players take turns until one has a line; then a rematch, begun by the other", async () => {
    const { room, ann, bob, play, number } = await match();
    await play(ann, bob, 0, 3, 1, 4, 2);
    for (const player of [ann, bob]) {
      expect((await player.message("over")).data).toEqual({
        winner: "X",
        reason: `ann ${number} has three in a line.`,
        line: [0, 1, 2],
      });
    }
    await ann.ask(room, "rematch");
    expect((await bob.message("rematch")).data).toEqual({ by: `ann ${number}` });
    await bob.ask(room, "rematch");
    expect((await ann.message("started")).data.turn).toBe("O");
    await play(bob, ann, 0, 1, 4, 2, 8);
    expect((await ann.message("over")).data).toMatchObject({ winner: "O", line: [0, 4, 8] });
  });

  test("a match waits for a player who has lost the connection", async () => {
    const { room, ann, bob, number } = await match();
    const { session } = bob.frames()[0].data;
    bob.drop();
    expect((await ann.message("waiting")).data).toEqual({ for: `bob ${number}`, ms: 20_000 });
    await ann.ask(room, "move", { cell: 4 });
    const back = await server.connect("tictactoe");
    back.idPrefix = "back ";
    await back.ok({ event: "reconnect", data: { session } });
    expect((await ann.message("back")).data).toEqual({ name: `bob ${number}` });
    await back.ask(room, "move", { cell: 0 });
    expect(ann.messages("over")).toEqual([]);
  });

  test("a full board without a line is a draw", async () => {
    const { ann, bob, play } = await match();
    await play(ann, bob, 0, 1, 2, 4, 3, 5, 7, 6, 8);
    expect((await bob.message("over")).data).toEqual({
      winner: null,
      reason: "The board is full.",
      line: [],
    });
  });

  test("moves out of turn, onto a taken cell, off the board or after the end are refused", async () => {
    const { room, ann, bob, refusal, play } = await match();
    expect(await refusal(bob, 0)).toMatchObject({ code: "refused", message: "It is not your turn." });
    await play(ann, bob, 0);
    expect(await refusal(bob, 0)).toMatchObject({ code: "refused", message: "That cell is taken." });
    for (const cell of [9, -1, 1.5, "1", null]) expect((await refusal(bob, cell)).code).toBe("invalid_data");
    expect((await ann.fails({ event: "message", room, type: "rematch" })).message).toBe(
      "The game is still on.",
    );
    await play(bob, ann, 3, 1, 4, 2);
    expect(await refusal(bob, 8)).toMatchObject({ code: "refused", message: "No game is on." });
  });

  test("a third player finds the match full", async () => {
    const { room, number } = await match();
    const cat = await server.user("tictactoe", `cat ${number}`);
    expect(await cat.fails({ event: "join", room })).toEqual({
      code: "room_full",
      message: `Cannot join room "${room}": it is full (2 of 2).`,
    });
  });

  test("who is left alone has won, and whoever comes next plays a new game", async () => {
    const { room, ann, bob, play, number } = await match();
    await play(ann, bob, 0, 4);
    bob.close();
    expect((await ann.message("over")).data).toMatchObject({ winner: "X", reason: `bob ${number} left.` });
    const cat = await server.user("tictactoe", `cat ${number}`, room);
    expect((await cat.message("seated")).data).toEqual({ mark: "O" });
    expect((await cat.message("started")).data.turn).toBe("O");
    expect((await cat.ask(room, "board")).board).toEqual(Array(9).fill(""));
  });

  test("play names a match with a free seat, or makes one; a player's own match is one at a time", async () => {
    const ann = await server.user("tictactoe", "ann p");
    const bob = await server.user("tictactoe", "bob p");
    const first = await ann.ask(undefined, "play");
    await ann.ok({ event: "join", room: first.room });
    expect(await bob.ask(undefined, "play")).toEqual(first);
    await bob.ok({ event: "join", room: first.room });
    expect(await bob.ask(undefined, "play")).not.toEqual(first);
    await ann.ok({ event: "create", room: "ann's", data: { type: "match", password: "sesame" } });
    expect(await ann.fails({ event: "create", room: "ann's other", data: { type: "match" } })).toMatchObject({
      code: "create_refused",
      message: expect.stringContaining(`Your match "ann's" is still open.`),
    });
    expect((await bob.fails({ event: "join", room: "ann's" })).code).toBe("wrong_password");
  });
});
