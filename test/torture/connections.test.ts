/** What clients can do to the server by the way in which they end. */
import { expect, test } from "bun:test";
import { startServer } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { Crowd } from "./crowd.ts";
import { ledger } from "./ledger.ts";

onEachRuntime("connections", (runtime) => {
  test("a server whose clients were cut off ends when it is told to", async () => {
    const server = await startServer({ runtime, files: { "ledger.ts": ledger(1) } });
    const cut = await server.user("ledger", "ann", "north");
    const other = await server.user("ledger", "ben", "north");
    cut.drop();
    await other.next((frame) => frame.event === "disconnect", "the loss of who was cut off");
    server.signal("SIGTERM");
    expect(await server.exited()).toBe(0);
    await server.kill();
  });

  test("a server that waits for the rest of requests ends when it is told to, and tells its clients", async () => {
    const server = await startServer({ runtime, files: { "ledger.ts": ledger(1) } });
    const client = await server.user("ledger", "ann", "north");
    const crowd = new Crowd(server.port);
    await crowd.open(
      3,
      "POST /api/applications/ledger/emit HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
    );
    await crowd.open(3, "GET / HTTP/1.1\r\nHost: x\r\n");
    await client.settle();
    server.signal("SIGTERM");
    expect((await client.closed).code).toBe(4000);
    expect(await server.exited()).toBe(0);
    crowd.leave();
    await server.kill();
  });
});
