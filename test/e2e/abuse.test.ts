/** Clients that send too much, or read too little: they are the only ones who pay. */
import { expect, test } from "bun:test";
import { Peer } from "../contract/peer.ts";
import { startServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "talk.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      messages: { much(room) { for (let n = 0; n < 4; n++) room.broadcast("much", "x".repeat(60_000)); } },
    });`,
};

onEachRuntime("abuse", (runtime) => {
  test("[P95, P98] who goes on sending after 1000 refusals in a row is closed with 4502", async () => {
    const args = ["--inbound-rate", "1", "--inbound-burst", "1"];
    const server = await startServer({ runtime, files, args });
    const client = await until("a connection to be closed", async () => {
      const tried = await server.connect("talk");
      const ping = () => tried.request({ event: "ping" });
      await Promise.all(Array.from({ length: 900 }, ping));
      // One by one, so that none is on its way while the connection closes. A second that begins takes one ping.
      for (let n = 0; tried.isOpen && n < 200; n++) await ping().catch(() => {});
      return tried.isOpen ? undefined : tried;
    });
    expect(await client.closed).toMatchObject({ code: 4502 });
    const refused = client.frames((frame) => frame.error?.code === "rate_limited");
    expect(refused.length).toBeGreaterThanOrEqual(1000);
    await server.stop();
  });

  test("[P98] who comes again without a login is refused no more than 5,000 times, and 500 times in a second", async () => {
    const args = ["--inbound-rate", "1", "--inbound-burst", "1"];
    const server = await startServer({ runtime, files, args });
    const since = performance.now();
    let refused = 0;
    for (let n = 0; n < 12; n++) {
      const client = await server.connect("talk");
      for (let sent = 0; sent < 1100; sent++) client.send({ event: "ping" });
      await client.closed;
      refused += client.frames((frame) => frame.error?.code === "rate_limited").length;
    }
    const seconds = (performance.now() - since) / 1000;
    expect(refused).toBeLessThanOrEqual(5000 + 500 * seconds);
    const ann = await server.user("talk", "ann");
    expect(ann.isOpen).toBe(true);
    await server.stop();
  });

  test("[P99] who does not read is closed with 4001, and nobody else is", async () => {
    const server = await startServer({ runtime, files, args: ["--inbound-rate", "0"] });
    const { peer } = await Peer.upgrade(server.port, "/ws/talk");
    peer.text(JSON.stringify({ event: "login", data: { name: "sleeper" } }));
    peer.text(JSON.stringify({ event: "join", room: "hall" }));
    const ann = await server.user("talk", "ann", "hall");
    await until("the sleeper to be put out", async () => {
      await ann.ask("hall", "much");
      return ann.frames(({ event, user }) => event === "disconnect" && user.name === "sleeper").length > 0;
    });
    expect(await peer.closeCode()).toBe(4001);
    expect(ann.isOpen).toBe(true);
    await server.stop();
  });

  test("[P99] where little waits for each client but too much for all, those go for whom the most does", async () => {
    const args = ["--inbound-rate", "0", "--outbox-total", "2097152"];
    const server = await startServer({ runtime, files, args });
    const sleepers = await Promise.all(
      ["one", "two", "three"].map(async (name) => {
        const { peer } = await Peer.upgrade(server.port, "/ws/talk");
        peer.text(JSON.stringify({ event: "login", data: { name } }));
        peer.text(JSON.stringify({ event: "join", room: "hall" }));
        return peer;
      }),
    );
    const ann = await server.user("talk", "ann", "hall");
    const gone = () => ann.frames(({ event }) => event === "disconnect").length;
    await until("the sleepers to be put out", async () => {
      await ann.ask("hall", "much");
      return gone() === sleepers.length;
    });
    for (const sleeper of sleepers) expect(await sleeper.closeCode()).toBe(4001);
    expect(ann.isOpen).toBe(true);
    expect(server.output()).toContain(
      "bytes waited for clients that do not keep up, of 2097152 for all together",
    );
    await server.stop();
  });
});
