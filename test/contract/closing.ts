import { expect, test } from "bun:test";
import type { Driver } from "./driver.ts";
import { Peer } from "./peer.ts";

/**
 * How connections end, whoever ends them; part of the contract in `platform.ts`. `canCut` is false for a runtime that can't end a
 * TCP connection whose peer reads nothing (docs/decisions/0008-sockets-of-deno.md).
 */
export function closingContract(server: () => Driver, canCut: boolean): void {
  test("tells both sides the code and reason of a close from here", async () => {
    const client = await server().open("closed here");
    client.ask({ do: "burst", count: 100, size: 1000 });
    client.ask({ do: "close", code: 4001, reason: "fertig – ende" });
    await client.take(100);
    expect(await client.closed).toEqual({ code: 4001, reason: "fertig – ende" });
    expect(await server().farewell("closed here")).toMatchObject({
      code: 4001,
      reason: "fertig – ende",
      inside: false,
    });
  });

  test("delivers what was queued before a close, and nothing sent after it", async () => {
    const client = await server().open();
    client.ask({ do: "burst", count: 50, size: 100_000 });
    client.ask({ do: "close", code: 4002, reason: "done", thenDo: "send" });
    expect((await client.take(50)).every((frame) => frame.length === 100_000)).toBe(true);
    expect(await client.closed).toEqual({ code: 4002, reason: "done" });
    expect(client.unread).toEqual([]);
  });

  test("keeps to the first of two closes", async () => {
    const client = await server().open("closed twice");
    client.ask({ do: "close", code: 4003, reason: "first", thenDo: "close" });
    expect(await client.closed).toEqual({ code: 4003, reason: "first" });
    expect(await server().farewell("closed twice")).toMatchObject({ code: 4003, reason: "first" });
  });

  test("reports one close where a terminate follows it", async () => {
    const client = await server().open("closed, terminated");
    client.ask({ do: "close", code: 4004, reason: "first", thenDo: "terminate" });
    await client.closed;
    expect(await server().farewell("closed, terminated")).toMatchObject({ code: 4004, reason: "first" });
  });

  test.skipIf(!canCut)(
    "lets go of a peer that reads nothing, also where it was closed before it is terminated",
    async () => {
      const { peer } = await Peer.upgrade(server().port, "/ws?as=closed-stuck");
      const client = await server().open();
      const sent = 20 * 1024 * 1024;
      client.ask({ do: "burst", count: 200, size: sent / 200, to: "closed-stuck" });
      client.ask({ do: "close", code: 4006, reason: "", to: "closed-stuck", thenDo: "terminate" });
      expect(await server().farewell("closed-stuck")).toMatchObject({ code: 4006 });
      expect(await peer.drain()).toBeLessThan(sent);
      client.close();
    },
  );

  test("cuts a long reason between two characters", async () => {
    const client = await server().open();
    client.ask({ do: "close", code: 4005, reason: `${"x".repeat(121)}€` });
    expect(await client.closed).toEqual({ code: 4005, reason: "x".repeat(121) });
  });

  test("reports a code that may not be sent, and leaves the connection open", async () => {
    const client = await server().open("reserved code");
    client.ask({ do: "close", code: 1006, reason: "" });
    client.ask({ do: "echo", text: "still here" });
    expect(await client.next()).toBe("still here");
    expect((await server().heard("message")).map(({ reason }) => reason)).toContain(
      "Cannot close a socket with code 1006: it is not one that may be sent.",
    );
    client.close();
  });

  test("tells the code and reason of a close from there", async () => {
    const client = await server().open("closed there");
    client.close(4321, "tschüss");
    expect(await server().farewell("closed there")).toMatchObject({ code: 4321, reason: "tschüss" });
  });

  test("tells 1005 where the peer's close has no code", async () => {
    const client = await server().open("no code");
    client.close();
    expect(await server().farewell("no code")).toMatchObject({ code: 1005, reason: "" });
  });

  test.each([
    ["half-closed", (peer: Peer) => peer.end()],
    ["reset", (peer: Peer) => peer.reset()],
  ])("tells 1006 where the connection is %s", async (as, leave) => {
    const { peer } = await Peer.upgrade(server().port, `/ws?as=${as}`);
    leave(peer);
    expect((await server().farewell(as)).code).toBe(1006);
    peer.reset();
  });

  test("terminates a connection from its own message", async () => {
    const client = await server().open("terminated");
    client.ask({ do: "terminate" });
    await client.closed;
    expect(await server().farewell("terminated")).toMatchObject({ code: 1006, inside: false });
  });
}
