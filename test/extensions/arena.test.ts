import { beforeAll, expect, test } from "bun:test";
import type { TestClient } from "../e2e/client.ts";
import { examples, startServer, type TestServer } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";

onEachRuntime("the example arena", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, extensions: examples });
  });

  async function player(name: string): Promise<TestClient> {
    const client = await server.connect("arena");
    await client.ok({ event: "login", data: { name, colour: "#3fa9c1" } });
    await client.ok({ event: "join", room: "arena" });
    return client;
  }

  /** Waits for positions in which the player is where `found` says. */
  const position = async (client: TestClient, id: string, found: (x: number, y: number) => boolean) =>
    client.next(
      (frame) =>
        frame.type === "positions" &&
        frame.data.some(([who, x, y]: [string, number, number]) => who === id && found(x, y)),
      `positions of ${id}`,
    );

  test("the door takes a name and a colour, and no name twice", async () => {
    const client = await server.connect("arena");
    for (const data of [undefined, {}, { name: "a" }, { name: "ann!" }, { name: "ann", colour: "red" }]) {
      const error = await client.fails({ event: "login", data });
      expect(error.code).toBe("login_refused");
      expect(error.message).toContain("Log in with a name");
    }
    await client.ok({ event: "login", data: { name: "doris" } });
    const other = await server.connect("arena");
    expect(await other.fails({ event: "login", data: { name: "doris" } })).toMatchObject({
      code: "login_refused",
      message: expect.stringContaining('The name "doris" is taken.'),
    });
  });

  test("a player goes where it wants to, as far as the wall, and all see it", async () => {
    const ann = await player("ann");
    const { you, width, height, players } = (await ann.message("welcome")).data;
    expect(players[you]).toMatchObject({ name: "ann", colour: "#3fa9c1", dx: 0, dy: 0 });
    const bob = await player("bob");
    expect((await bob.message("welcome")).data.players[you].name).toBe("ann");
    expect((await ann.message("entered")).data).toMatchObject({ name: "bob", colour: "#3fa9c1" });

    // To the nearest corner; it gets there, and not past it.
    const { x, y } = players[you];
    const [right, down] = [x > width / 2, y > height / 2];
    await ann.ask("arena", "input", { dx: right ? 1 : -1, dy: down ? 1 : -1 });
    const corner = [right ? width : 0, down ? height : 0];
    await position(bob, you, (x, y) => x === corner[0] && y === corner[1]);
    for (const [, x, y] of bob.messages("positions").flat()) {
      expect(x >= 0 && x <= width && y >= 0 && y <= height).toBe(true);
    }
    expect(
      (await ann.fails({ event: "message", room: "arena", type: "input", data: { dx: 9, dy: 0 } })).code,
    ).toBe("invalid_data");

    // A connection that breaks while its player runs takes the player out.
    ann.close();
    expect((await bob.message("left")).data).toEqual({ id: you });
    const cat = await player("cat");
    expect(Object.keys((await cat.message("welcome")).data.players)).not.toContain(you);
  });

  test("clients can't make arenas of their own", async () => {
    const client = await server.connect("arena");
    await client.ok({ event: "login", data: { name: "builder" } });
    const error = await client.fails({ event: "create", room: "mine", data: { type: "arena" } });
    expect(error.code).toBe("not_allowed");
    expect((await client.fails({ event: "join", room: "mine" })).code).toBe("room_not_found");
  });
});
