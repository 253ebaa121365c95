import { beforeAll, expect, test } from "bun:test";
import type { TestClient } from "../e2e/client.ts";
import { examples, startServer, type TestServer } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";

onEachRuntime("the example arena", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, extensions: examples });
  });

  async function player(name: string, room: string): Promise<{ client: TestClient; id: string }> {
    const client = await server.connect("arena");
    const { user } = await client.ok({ event: "login", data: { name } });
    await client.ok({ event: "join", room, data: { colour: "#3fa9c1" } });
    return { client, id: user.id };
  }

  /** Waits for positions in which the player is where `found` says. */
  const position = async (client: TestClient, id: string, found: (x: number, y: number) => boolean) =>
    client.next(
      (frame) =>
        frame.type === "positions" && frame.data[id] && found(...(frame.data[id] as [number, number])),
      `positions of ${id}`,
    );

  test("who joins has a colour", async () => {
    const client = await server.connect("arena");
    await client.ok({ event: "login", data: { name: "doris" } });
    for (const data of [undefined, {}, { colour: "red" }])
      expect((await client.fails({ event: "join", room: "door", data })).code).toBe("invalid_data");
  });

  test("a player goes where it wants to, as far as the wall, and all see it", async () => {
    const ann = await player("ann", "walls");
    const { size, radius, discs } = (await ann.client.message("world")).data;
    expect(Object.keys(discs)).toEqual(["bot 1", "bot 2", "bot 3", ann.id]);
    const bob = await player("bob", "walls");
    expect(Object.keys((await bob.client.message("world")).data.discs)).toContain(ann.id);
    expect(Object.keys((await ann.client.message("world")).data.discs)).toContain(bob.id);

    // Others push it, so it may come to the corner and leave it again; past the walls it never gets.
    const [right, down] = discs[ann.id].at.map((at: number, i: number) => at > size[i] / 2);
    await ann.client.ask("walls", "input", [right ? 1 : -1, down ? 1 : -1]);
    await position(bob.client, ann.id, (x, y) =>
      [x, y].some((at) => [radius, size[0] - radius, size[1] - radius].includes(at)),
    );
    for (const [x, y] of bob.client
      .messages("positions")
      .flatMap((positions) => Object.values<number[]>(positions)) as [number, number][]) {
      expect(x >= radius && x <= size[0] - radius && y >= radius && y <= size[1] - radius).toBe(true);
    }
    const input = { event: "message", room: "walls", type: "input", data: [9, 0] };
    expect((await ann.client.fails(input)).code).toBe("invalid_data");

    // A connection that breaks while its player runs takes the player out.
    ann.client.close();
    await bob.client.next(
      (frame) => frame.type === "positions" && !(ann.id in frame.data),
      "positions without ann",
    );
  });
});
