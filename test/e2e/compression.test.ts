/** Frames that are compressed, where the server's owner wants that and the runtime can. */
import { expect, test } from "bun:test";
import { deflateRawSync } from "node:zlib";
import { Peer } from "../contract/peer.ts";
import { startServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "talk.ts": `
import { defineRoom } from "hotroom";
export default defineRoom({ messages: { say: (room, user, data) => room.broadcast("said", data) } });`,
};
const offer = { "Sec-WebSocket-Extensions": "permessage-deflate", "Sec-WebSocket-Protocol": "hotroom.v1" };
/** The opcode of a compressed text frame. */
const COMPRESSED = 0x41;
const deflated = (text: string) => deflateRawSync(text, { finishFlush: 2 }).subarray(0, -4);

onEachRuntime("compression", (runtime) => {
  test("with --compress frames are, on Bun; on Deno the log says that they are not", async () => {
    const server = await startServer({ runtime, files, args: ["--compress"] });
    const { peer, head } = await Peer.upgrade(server.port, "/ws/talk", offer);
    if (runtime === "deno")
      await server.logged(/Frames are not compressed: the WebSockets of deno can't do that/);
    else expect(head.toLowerCase()).toContain("sec-websocket-extensions: permessage-deflate");
    peer.reset();
    // Whoever takes them compressed gets the same.
    const client = await server.user("talk", "ann", "hall");
    const text = "so it goes ".repeat(1000);
    client.send({ event: "message", room: "hall", type: "say", data: text });
    expect((await client.next((frame) => frame.type === "said")).data).toBe(text);

    if (runtime !== "deno") {
      // A few KB that would be 50 MB: they are cut where a frame may be no longer.
      const bomb = deflated(`{"event":"ping","data":"${"0".repeat(50_000_000)}"}`);
      expect(bomb.length).toBeLessThan(60_000);
      const { peer } = await Peer.upgrade(server.port, "/ws/talk", offer);
      const closed = peer.closeCode();
      peer.frame(COMPRESSED, bomb);
      expect([1009, undefined]).toContain(await closed);
      expect(await client.request({ event: "ping" })).toMatchObject({ ok: true });
      // What is within that is a frame like any other, of who has no user.
      const other = (await Peer.upgrade(server.port, "/ws/talk", offer)).peer;
      other.frame(COMPRESSED, deflated('{"event":"nothing"}'));
      await other.drain(20);
    }
    await server.stop();
  });

  test("without it they are not", async () => {
    const server = await startServer({ runtime, files });
    const { peer, head } = await Peer.upgrade(server.port, "/ws/talk", offer);
    expect(head.toLowerCase()).not.toContain("sec-websocket-extensions");
    expect(server.output()).not.toContain("compressed");
    peer.reset();
    await server.stop();
  });
});
