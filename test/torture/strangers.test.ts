/** What can be done to the server without a login, and what it does about it. */
import { beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { Crowd } from "./crowd.ts";
import { resident } from "./resident.ts";
import { Victim, victimFiles } from "./victim.ts";

const MB = 1024 * 1024;
const handshake =
  "GET /ws/sockets HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/** Sends the head of a frame of `bytes`, and as much of it as the server takes; resolves with that when it ends the connection. */
function pour(port: number, bytes: number): Promise<number> {
  const socket = connect({ port, host: "127.0.0.1" });
  const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes, 6);
  const part = Buffer.alloc(MB);
  const next = () => {
    while (socket.bytesWritten < bytes && !socket.destroyed) if (!socket.write(part)) return;
  };
  socket.on("error", () => {});
  socket.once("data", () => {
    socket.write(head);
    socket.on("drain", next);
    next();
  });
  socket.write(handshake);
  return new Promise((resolve) => socket.once("close", () => resolve(socket.bytesWritten)));
}

onEachRuntime("strangers", (runtime) => {
  let server: TestServer;
  let victim: Victim;

  beforeAll(async () => {
    const args = [
      "--hosts",
      "1",
      "--inbound-rate",
      "1000",
      "--inbound-burst",
      "1000",
      "--login-deadline",
      "3000",
    ];
    server = await startServer({ runtime, files: victimFiles, args });
    victim = await Victim.start(server);
  });

  /** On Deno a client whose frames come while the server closes may be cut off before it hears the code. */
  const orCut = (code: number) => (runtime === "deno" ? [code, 1006] : [code]);
  /** Deno's own server has neither bound: docs/decisions/0008-sockets-of-deno.md. */
  const onBun = runtime === "deno" ? test.skip : test;

  onBun("[P97] twenty connections that each send a frame of 60 MB cost no memory", async () => {
    const before = resident(server.pid);
    await Promise.all(Array.from({ length: 20 }, () => pour(server.port, 60 * MB)));
    expect(resident(server.pid) - before).toBeLessThan(200);
    expect(await victim.goesOn(20)).toEqual([]);
  });

  test("[P7] who does not log in, or logs out, is closed with 4002; who has logged in stays", async () => {
    const silent = await server.connect("sockets");
    const out = await server.user("sockets", "out");
    await out.ok({ event: "logout" });
    const talks = await server.connect("sockets");
    const talk = setInterval(() => talks.send({ event: "ping" }), 50);
    const closed = await Promise.all([silent.closed, out.closed, talks.closed]);
    clearInterval(talk);
    expect(closed.map(({ code }) => code).slice(0, 2)).toEqual([4002, 4002]);
    expect(orCut(4002)).toContain(closed[2].code);
    expect(await victim.goesOn(20)).toEqual([]);
  });

  test("[P98] who goes on sending over the rate is closed with 4502, though some of it is within the rate", async () => {
    const flooder = await server.user("sockets", "flooder");
    const flood = setInterval(() => {
      for (let i = 0; i < 100; i++) flooder.send({ event: "ping" });
    }, 10);
    const { code } = await flooder.closed;
    clearInterval(flood);
    expect(orCut(4502)).toContain(code);
    expect(await victim.goesOn(20)).toEqual([]);
  });

  onBun("connections whose request never ends, or never begins, are ended", async () => {
    const crowd = new Crowd(server.port);
    await crowd.open(3);
    await crowd.open(3, "GET / HTTP/1.1\r\nHost: x\r\nX-");
    await crowd.open(
      3,
      "POST /api/applications/sockets/emit HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
    );
    await until("all of them to be ended", () => crowd.size === 0);
    expect(await victim.goesOn(20)).toEqual([]);
  });

  test("the victims counted on through all of it", async () => {
    expect((await victim.stop()).wrongs).toEqual([]);
  });
});
