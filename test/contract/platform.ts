import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Client } from "./client.ts";
import { admissionContract } from "./admission.ts";
import { closingContract } from "./closing.ts";
import { Driver, type Subject } from "./driver.ts";
import { groupContract } from "./groups.ts";
import { livenessContract } from "./liveness.ts";
import { Peer } from "./peer.ts";
import { type Limits, MAX_FRAME } from "./platform_server.ts";

/** What every platform does; `start` runs `platform_server.ts` on it. */
export function platformContract(name: string, start: (limits?: Limits) => Promise<Subject>): void {
  describe(`platform ${name}`, () => {
    let server: Driver;
    beforeAll(async () => {
      server = new Driver(await start());
    });
    afterAll(() => server.subject.kill());

    closingContract(() => server, name !== "deno");
    groupContract(() => server);
    livenessContract(() => server);
    admissionContract(start);

    test("serves HTTP beside WebSockets and tells the peer's address", async () => {
      const client = await server.open();
      const response = await fetch(`http://127.0.0.1:${server.port}/some/path`, { method: "POST" });
      expect(await response.text()).toBe("POST /some/path from 127.0.0.1");
      client.close();
    });

    test("takes a free port where port 0 is asked for", () => {
      expect(server.port).toBeGreaterThan(0);
    });

    test("answers 500 and goes on where fetch throws", async () => {
      expect((await fetch(`http://127.0.0.1:${server.port}/throw`)).status).toBe(500);
      expect(await server.heard("fetch")).toMatchObject([{ reason: "fetch threw" }]);
    });

    test("refuses an upgrade with the response it is given", async () => {
      const { peer, status } = await Peer.upgrade(server.port, "/elsewhere");
      expect(status).toBe(404);
      peer.reset();
    });

    test("lets fetch answer an upgrade that nobody takes", async () => {
      const { peer, status } = await Peer.upgrade(server.port, "/plain");
      expect(status).toBe(200);
      peer.reset();
    });

    test("answers 500 where upgrade throws", async () => {
      const { peer, status } = await Peer.upgrade(server.port, "/throw-upgrade");
      expect(status).toBe(500);
      expect(await server.heard("upgrade")).toMatchObject([{ reason: "upgrade threw" }]);
      peer.reset();
    });

    test("answers 400 to a handshake without a key, and opens nothing", async () => {
      const { peer, status } = await Peer.upgrade(server.port, "/ws?as=keyless", {
        "Sec-WebSocket-Key": undefined,
      });
      expect(status).toBe(400);
      expect(await server.heard("keyless")).toEqual([]);
      peer.reset();
    });

    test("confirms the subprotocol that was chosen, not the first one offered", async () => {
      const client = await server.open(undefined, ["first", "second"]);
      expect(client.protocol).toBe("second");
      client.close();
    });

    test("confirms no subprotocol where none was chosen", async () => {
      const { peer, status, head } = await Peer.upgrade(server.port, "/ws", {
        "Sec-WebSocket-Protocol": "first",
      });
      expect(status).toBe(101);
      expect(head.toLowerCase()).not.toContain("sec-websocket-protocol");
      peer.reset();
    });

    test("delivers frames in the order they were sent, within a turn and across turns", async () => {
      const client = await server.open();
      client.ask({ do: "burst", count: 2000, size: 200 });
      client.ask({ do: "burst", count: 3, size: 100_000 });
      client.ask({ do: "burst", count: 2000, size: 20 });
      const numbers = (await client.take(4003)).map((frame) => Number.parseInt(frame, 10));
      expect(numbers).toEqual([...Array(2000).keys(), 0, 1, 2, ...Array(2000).keys()]);
      client.close();
    });

    test("delivers a frame of 8 MB, and an empty one", async () => {
      const client = await server.open();
      client.ask({ do: "burst", count: 1, size: 8 * 1024 * 1024 });
      expect(await client.next()).toHaveLength(8 * 1024 * 1024);
      client.ask({ do: "echo", text: "" });
      client.ask({ do: "echo", text: "after" });
      expect(await client.take(2)).toEqual(["", "after"]);
      client.close();
    });

    test("hands over text as it was, and a binary frame as bytes", async () => {
      const client = await server.open();
      client.ask({ do: "echo", text: "zwölf 🎲 \u0000" });
      client.send(new Uint8Array([0, 127, 255]));
      expect(await client.take(2)).toEqual(["zwölf 🎲 \u0000", "Uint8Array 0,127,255"]);
      client.close();
    });

    test("accepts a message as long as the limit, in bytes", async () => {
      const client = await server.open();
      const rest = JSON.stringify({ do: "echo", text: "" }).length;
      client.ask({ do: "echo", text: "é".repeat((MAX_FRAME - rest) / 2) });
      expect(await client.next()).toHaveLength(Math.floor((MAX_FRAME - rest) / 2));
      client.close();
    });

    test("[P97] closes with 1009 where a message has more bytes than the limit", async () => {
      const client = await server.open("too big");
      client.send("é".repeat(MAX_FRAME / 2 + 1));
      expect((await client.closed).code).toBe(1009);
      expect((await server.farewell("too big")).code).toBe(1009);
      expect((await server.heard("too big")).map(({ event }) => event)).toEqual(["open", "close"]);
    });

    test("[P97] closes with 1009 where the fragments of a message are longer together", async () => {
      const { peer } = await Peer.upgrade(server.port, "/ws?as=fragments");
      const part = new Uint8Array(MAX_FRAME / 2 + 1).fill(65);
      peer.frame(1, part, false);
      peer.frame(0, part);
      expect((await server.farewell("fragments")).code).toBe(1009);
      peer.reset();
    });

    test("[P97] ends a connection whose text is not UTF-8, without a message", async () => {
      const { peer } = await Peer.upgrade(server.port, "/ws?as=latin");
      peer.frame(1, new Uint8Array([0xff, 0xfe]));
      await peer.drain();
      await server.farewell("latin");
      expect((await server.heard("latin")).map(({ event }) => event)).toEqual(["open", "close"]);
    });

    test("reports what a handler throws, and goes on", async () => {
      const client = await server.open();
      client.ask({ do: "throw" });
      client.ask({ do: "echo", text: "alive" });
      expect(await client.next()).toBe("alive");
      expect((await server.heard("message")).map(({ reason }) => reason)).toContain("message threw");
      client.close();
    });

    test("closes with 1011 where open throws, and survives a close that throws", async () => {
      const opening = await server.open("throws on open");
      expect((await opening.closed).code).toBe(1011);
      const closing = await server.open("throws on close");
      closing.close();
      await server.farewell("throws on close");
      expect(await server.heard("open")).toMatchObject([{ reason: "open threw" }]);
      expect(await server.heard("close")).toMatchObject([{ reason: "close threw" }]);
    });

    test("counts what waits for a peer that doesn't read, and lets go of it at terminate", async () => {
      const { peer } = await Peer.upgrade(server.port, "/ws?as=stuck");
      const client = await server.open();
      const sent = 20 * 1024 * 1024;
      client.ask({ do: "burst", count: 200, size: sent / 200, to: "stuck" });
      const first = await server.buffered(client, "stuck");
      expect(first).toBeGreaterThan(sent / 2);
      client.ask({ do: "burst", count: 200, size: sent / 200, to: "stuck" });
      expect(await server.buffered(client, "stuck")).toBeGreaterThan(first);
      client.ask({ do: "terminate", to: "stuck" });
      expect(await server.buffered(client, "stuck")).toBe(0);
      expect(await server.farewell("stuck")).toMatchObject({ code: 1006 });
      peer.frame(8, new Uint8Array());
      expect(await peer.drain()).toBeLessThan(sent);
      client.close();
    });

    test("delivers all to a peer that reads late, and then the close", async () => {
      const { peer } = await Peer.upgrade(server.port, "/ws?as=late");
      const client = await server.open();
      client.ask({ do: "burst", count: 100, size: 100_000, to: "late" });
      expect(await server.buffered(client, "late")).toBeGreaterThan(0);
      client.ask({ do: "close", code: 4000, reason: "", to: "late" });
      // A frame of this size has a head of 10 bytes; the close frame is 4 bytes.
      const all = 100 * 100_010 + 4;
      const pings = (await peer.drain(all)) - all;
      // A ping, while the peer did not read, is 2 bytes.
      expect([pings >= 0 && pings < 20, pings % 2]).toEqual([true, 0]);
      client.close();
    });

    test("comes down to nothing buffered for a peer that reads", async () => {
      const client = await server.open();
      const reader = await server.open("reader");
      client.ask({ do: "burst", count: 100, size: 100_000, to: "reader" });
      await reader.take(100);
      while ((await server.buffered(client, "reader")) > 0) await Bun.sleep(1);
      client.close();
      reader.close();
    });

    test("holds 300 connections, each with its own order and one close", async () => {
      const names = Array.from({ length: 300 }, (_, i) => `crowd ${i}`);
      const crowd = await Promise.all(names.map((as) => server.open(as)));
      for (const client of crowd) client.ask({ do: "burst", count: 5, size: 30 });
      for (const frames of await Promise.all(crowd.map((client) => client.take(5)))) {
        expect(frames.map((frame) => Number.parseInt(frame, 10))).toEqual([0, 1, 2, 3, 4]);
      }
      for (const client of crowd) client.close(4000, "");
      await Promise.all(crowd.map((client) => client.closed));
      for (const as of names.slice(0, 3)) await server.farewell(as);
      const log = await server.log();
      const closes = log.filter(({ as, event }) => as.startsWith("crowd ") && event === "close");
      expect(new Set(closes.map(({ as }) => as)).size).toBe(closes.length);
    });

    test("a closed listener takes nobody new, leaves open sockets alone and ends with the last", async () => {
      const other = await start();
      try {
        const staying = await Client.open(other.port, "staying");
        staying.ask({ do: "stop" });
        staying.ask({ do: "echo", text: "still here" });
        expect(await staying.next()).toBe("still here");
        // Not `expect().rejects`: it runs the loop inside the callback it is called from, sockets and all (Bun 1.4.5).
        const late = await Client.open(other.port, "late").catch((error: Error) => error.message);
        expect(late).toBe("The upgrade was refused.");
        staying.ask({ do: "close", code: 4100, reason: "come back" });
        expect(await staying.closed).toEqual({ code: 4100, reason: "come back" });
        await other.stopped;
      } finally {
        other.kill();
      }
    });

    test.each(["[", "a b", "here/other", "here/ws?as=x", "here?", "here#", "a@here", "here:99999", "%00"])(
      "a request whose Host is %s is refused, since it would be for another path",
      async (host) => {
        const { peer, status } = await Peer.upgrade(server.port, "/ws?as=odd", { Host: host });
        peer.reset();
        expect(status).toBe(400);
      },
    );

    test.each([
      ["whose body never comes", "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"],
      ["whose answer never comes", "GET /never HTTP/1.1\r\nHost: x\r\n\r\n"],
      ["whose head never ends", "GET / HTTP/1.1\r\nHost: x\r\n"],
    ])("a terminated listener ends a request %s", async (_, request) => {
      const other = await start();
      try {
        const peer = await Peer.connect(other.port, request);
        const client = await Client.open(other.port, "asker");
        // The request has come by the time that others after it are answered.
        for (let i = 0; i < 3; i++) await fetch(`http://127.0.0.1:${other.port}/`);
        client.ask({ do: "terminate listener" });
        await Promise.all([peer.closed, client.closed, other.stopped]);
      } finally {
        other.kill();
      }
    });

    test("a terminated listener ends every connection", async () => {
      const other = await start();
      try {
        const { peer } = await Peer.upgrade(other.port, "/ws?as=stuck");
        const client = await Client.open(other.port, "asker");
        client.ask({ do: "burst", count: 100, size: 100_000, to: "stuck" });
        client.ask({ do: "terminate listener" });
        await Promise.all([client.closed, other.stopped]);
        expect(await fetch(`http://127.0.0.1:${other.port}/`).then(String, () => "refused")).toBe("refused");
        peer.reset();
      } finally {
        other.kill();
      }
    });
  });
}
