/** Bytes as the data of messages, from client to script and back, on real servers; and what large frames may cost. */
import { beforeAll, expect, test } from "bun:test";
import {
  type Client,
  connect,
  type ConnectOptions,
  type HotroomClientError,
} from "../../src/client/client.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";

const hall = (durable: boolean) => `
import { defineRoom } from "hotroom";
export default defineRoom({
  durable: ${durable},
  state: () => ({ sum: 0, frames: 0 }),
  messages: {
    ink(room, user, data: Uint8Array) {
      room.state.frames++;
      for (let at = 0; at < data.length; at += 1000) room.state.sum += data[at]!;
      room.broadcast("ink", data, { except: user });
      return data.subarray(0, 4);
    },
    mine: (room, user, data: Uint8Array) => room.send(user, "mine", data),
    all: (room, user, data: Uint8Array) => room.application.broadcast("all", data),
    sum: (room) => room.state,
    kind: (room, user, data) => data instanceof Uint8Array ? "bytes" : typeof data,
  },
});`;
const app = (durable: boolean) =>
  `import { defineApplication } from "hotroom";\nexport default defineApplication({ durable: ${durable} });`;
const settings = {
  rooms: "join",
  session: { grace: 20_000, historyBytes: 4_000_000 },
  limits: { cpuPerEvent: 1000 },
};
const files = (durable = false) => ({
  "hall/app.ts": app(durable),
  "hall/rooms/hall.ts": hall(durable),
  "hall/hotroom.json": JSON.stringify(settings),
});
const quick: ConnectOptions = { reconnect: { minDelay: 10, maxDelay: 100, spread: 20 } };
const noise = (length: number, step = 7) => Uint8Array.from({ length }, (_, at) => at * step);
const sumOf = (all: Uint8Array[]) =>
  all.reduce((sum, bytes) => sum + bytes.filter((_, at) => at % 1000 === 0).reduce((a, b) => a + b, 0), 0);

/** A client in the room. */
async function enter(url: string, name: string): Promise<[Client, Awaited<ReturnType<Client["join"]>>]> {
  const client = await connect(url, quick);
  await client.login({ name });
  return [client, await client.join("hall", { type: "hall" } as never)];
}

onEachRuntime("bytes", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files: files() });
  });

  test("[P150, P152] go from client to script to client as they are, with requests, of any size, and to who was away", async () => {
    const url = `${server.url.replace("http", "ws")}/ws/hall`;
    const [[ann, room], [bob, bobs]] = [await enter(url, "ann"), await enter(url, "bob")];
    const heard: unknown[] = [];
    bobs.messages.on("ink", (data) => heard.push(data));
    const sent = [noise(256), noise(0), noise(1_000_000), noise(70_000, 3)];
    for (const bytes of sent) expect(await room.request("ink", bytes)).toEqual(bytes.subarray(0, 4));
    room.send("ink", noise(10).buffer);
    await until("all to be heard", () => heard.length === 5);
    expect(heard).toEqual([...sent, noise(10)]);
    expect(await room.request("kind", noise(3).buffer)).toBe("bytes");
    expect(await room.request("kind", "text")).toBe("string");

    const [mine, all] = [room.messages.next("mine"), bob.messages.next("all")];
    room.send("mine", noise(5));
    room.send("all", noise(6));
    expect([await mine, await all] as unknown[]).toEqual([noise(5), noise(6)]);

    // What bob has missed is kept as it was sent.
    const back = new Promise((resolve) => bob.once("back", resolve));
    bob.simulate.drop();
    for (const n of [1, 2, 3]) await room.request("ink", noise(20_000, n));
    await back;
    await until("what was missed", () => heard.length === 8);
    expect(heard.slice(5)).toEqual([1, 2, 3].map((n) => noise(20_000, n)));

    // A script host that is killed: the events are run again, with the same bytes.
    const { sum } = (await room.request("sum", null)) as { sum: number };
    process.kill(server.hostPids()[0] as number, "SIGKILL");
    expect(await room.request("sum", null)).toEqual({ sum, frames: 8 });
    expect(sum).toBe(sumOf([...sent, noise(10), ...[1, 2, 3].map((n) => noise(20_000, n))]));
    const nested = await room
      .request("ink", { page: [noise(2)] })
      .catch((error: HotroomClientError) => error);
    expect(nested).toMatchObject({ code: "unsendable" });
    expect((nested as Error).message).toContain("data.page[0] is bytes");
    const pixels = await room.request("ink", new Uint8ClampedArray(4)).catch((error: Error) => error);
    expect(pixels).toMatchObject({ code: "unsendable" });
    expect((pixels as Error).message).toContain("data is a Uint8ClampedArray; its bytes are new Uint8Array");
    await Promise.all([ann.close(), bob.close()]);
  });

  test("[P150] outlive a durable server that is killed, in what was missed and in what its rooms have handled", async () => {
    const game = await new Restartable(runtime, files(true)).start();
    const url = `${game.url}/ws/hall`;
    const [[ann, room], [bob, bobs]] = [await enter(url, "ann"), await enter(url, "bob")];
    const heard: unknown[] = [];
    bobs.messages.on("ink", (data) => heard.push(data));
    await room.request("ink", noise(3000));
    await until("the first", () => heard.length === 1);
    bob.simulate.freeze(60_000);
    await room.request("ink", noise(256, 1));
    await game.restart();
    expect(await room.request("sum", null)).toEqual({ sum: sumOf([noise(3000), noise(256, 1)]), frames: 2 });
    await Promise.all([ann.close(), bob.close()]);
    await game.server.stop();
  });

  test("[P151] a binary frame that is no message is answered with why, and the connection stays", async () => {
    const client = await server.user("hall", "cid", "hall");
    const bytes = (text: string) => new Uint8Array(Buffer.from(text));
    const refused: [string, string, unknown][] = [
      ['{"event":"ping","id":1}\0', "only a message may be", 1],
      ['{"event":"message","id":2,"room":"hall","type":"kind"}', "no zero byte", 2],
      ['{"event":"message","id":3,"room":"hall","type":"kind","data":1}\0x', "its header has data", 3],
      ["[".repeat(5000), "more than 2048 bytes", undefined],
    ];
    for (const [text, why, id] of refused) {
      client.send(bytes(text));
      const { error } = await client.next((frame) => frame.error !== undefined && frame.id === id);
      expect(error).toMatchObject({ code: "bad_frame", message: expect.stringContaining(why) });
    }
    expect(await client.ask("hall", "kind")).toBe("undefined");
  });

  test("[P96] a frame may have 1 MB of who is logged in, 64 KB of who is not; with more it is not read", async () => {
    const stranger = await server.connect("hall");
    let id = 0;
    const ping = (length: number) => ({ event: "ping", id: ++id, data: "x".repeat(length) });
    expect((await stranger.fails(ping(70_000))).code).toBe("too_large");
    await stranger.ok({ event: "login", data: { name: "dot" } });
    expect(await stranger.request(ping(1_000_000))).toMatchObject({ ok: true });
    expect(await stranger.fails(ping(1_048_600))).toMatchObject({
      code: "too_large",
      message: "Cannot read the frame: it has more than 1048576 bytes.",
    });
    stranger.send(JSON.stringify(ping(1_200_000)));
    expect((await stranger.closed).code).toBe(1009);
  });
});

test("[P154] who sends more bytes of large frames than it may is refused, and goes on with small ones", async () => {
  const bounded = await startServer({ runtime: "bun", files: files(), args: ["--inbound-bytes", "65536"] });
  const client = await bounded.user("hall", "ann", "hall");
  const large = (id: number) => client.request({ event: "ping", id, data: "x".repeat(400_000) } as never);
  const replies = [await large(1), await large(2), await large(3)];
  expect(replies.map(({ ok }) => ok)).toEqual([true, true, false]);
  expect(replies[2].error).toEqual({
    code: "rate_limited",
    message: "Cannot handle the frame: more than 65536 bytes a second (1048576 at once) came in large ones.",
  });
  for (let n = 0; n < 5; n++) expect(await client.request({ event: "ping" })).toMatchObject({ ok: true });
  await bounded.stop();
});
