import { expect, test } from "bun:test";
import type { Driver } from "./driver.ts";
import { Peer } from "./peer.ts";

/** Who is taken for dead, and who is not; part of the contract in `platform.ts`. */
export function livenessContract(server: () => Driver): void {
  test("[P6] ends a connection whose peer reads and answers no pings", async () => {
    const { peer } = await Peer.upgrade(server().port, "/ws?as=silent");
    await peer.drain();
    expect(await server().farewell("silent")).toMatchObject({ code: 1006 });
  });

  test("[P6] ends it also where the peer is sent something all the time", async () => {
    const { peer } = await Peer.upgrade(server().port, "/ws?as=listener");
    const client = await server().open();
    const talk = setInterval(() => client.ask({ do: "burst", count: 1, size: 20, to: "listener" }), 50);
    try {
      await peer.drain();
      expect(await server().farewell("listener")).toMatchObject({ code: 1006 });
    } finally {
      clearInterval(talk);
      client.close();
    }
  });

  test("[P6] ends it also where the peer reads nothing of much that it is sent", async () => {
    const { peer } = await Peer.upgrade(server().port, "/ws?as=deaf");
    const client = await server().open();
    client.ask({ do: "burst", count: 200, size: 100_000, to: "deaf" });
    expect(await server().farewell("deaf")).toMatchObject({ code: 1006 });
    peer.reset();
    client.close();
  });

  test("[P6] leaves a peer alone that says nothing and answers pings", async () => {
    const { peer } = await Peer.upgrade(server().port, "/ws?as=quiet");
    // More of them than a dead peer is given time for.
    await peer.answerPings(5);
    expect((await server().heard("quiet")).map(({ event }) => event)).toEqual(["open"]);
    peer.reset();
  });

  test("ends a connection that sends a flood of pings", async () => {
    const { peer } = await Peer.upgrade(server().port, "/ws?as=pings");
    for (let i = 0; i < 5_000; i++) peer.frame(9, new Uint8Array(100));
    expect(await server().farewell("pings")).toMatchObject({ code: 1006 });
    peer.reset();
  });
}
