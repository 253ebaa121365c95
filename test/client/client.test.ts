import { describe, expect, test } from "bun:test";
import { type Closed, connect, HotroomClientError, mayReconnect } from "../../src/client/client.ts";
import { ann, standard, WrittenServer } from "./wire.ts";

async function login(server: WrittenServer) {
  const client = await connect(server.url);
  await client.login({ name: "ann" });
  return client;
}

/** What a promise was rejected with. */
async function failure(promise: Promise<unknown>): Promise<HotroomClientError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(HotroomClientError);
  return error as HotroomClientError;
}

describe("connecting", () => {
  test("offers the subprotocol and takes http addresses too", async () => {
    await using server = new WrittenServer();
    const client = await connect(server.url.replace("ws:", "http:"));
    expect(client.url).toBe(server.url);
    expect(await client.ping()).toBeGreaterThanOrEqual(0);
    expect(await client.close()).toMatchObject({ code: 1000 });
  });

  test("fails with connect_failed where nobody listens, nobody upgrades, or the address is none", async () => {
    const server = new WrittenServer();
    const { url } = server;
    await server[Symbol.asyncDispose]();
    expect(await failure(connect(url))).toMatchObject({ code: "connect_failed" });
    expect(await failure(Promise.resolve().then(() => connect("/ws/chat")))).toMatchObject({
      code: "connect_failed",
    });
  });

  test("gives up after the timeout, and when it is aborted", async () => {
    await using server = new WrittenServer();
    const silent = server.url.replace("/ws/test", "/silent");
    const late = await failure(connect(silent, { timeout: 20 }));
    expect(late).toMatchObject({
      code: "timeout",
      message: `Cannot connect to ${silent}: no answer in 20 ms.`,
    });
    const reason = new Error("not any more");
    expect(connect(silent, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const connecting = connect(silent, { signal: controller.signal });
    controller.abort(reason);
    expect(connecting).rejects.toBe(reason);
  });

  test("uses the WebSocket class it is given", async () => {
    await using server = new WrittenServer();
    const made: string[] = [];
    class Own extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        made.push(url, ...protocols);
      }
    }
    await using client = await connect(server.url, { WebSocket: Own });
    expect(made).toEqual([client.url, "hotroom.v1"]);
  });
});

describe("requests", () => {
  test("login keeps user and session until logout", async () => {
    await using server = new WrittenServer();
    await using client = await connect(server.url);
    expect(await client.login({ name: "ann" })).toEqual({ user: ann, session: "s-1" });
    expect([client.user, client.session]).toEqual([ann, "s-1"]);
    await client.logout();
    expect([client.user, client.session]).toEqual([undefined, undefined]);
  });

  test("each reply goes to the request it answers, in whatever order", async () => {
    await using server = new WrittenServer((frame, server) => {
      if (frame.event !== "message") return standard(frame);
      if (frame.data === 2)
        for (const { id, data } of server.frames.slice(-2).reverse()) server.send({ id, ok: true, data });
    });
    await using client = await login(server);
    expect(await Promise.all([client.request("n", 1), client.request("n", 2)])).toEqual([1, 2]);
  });

  test("an error reply rejects with its code and message", async () => {
    await using server = new WrittenServer((frame, server) => {
      const error = { code: "room_full", message: 'Cannot join room "lobby": it is full (2 of 2).' };
      if (frame.event === "join") server.send({ id: frame.id, ok: false, error });
      else return standard(frame);
    });
    await using client = await login(server);
    expect(await failure(client.join("lobby"))).toMatchObject({
      code: "room_full",
      room: "lobby",
      data: undefined,
    });
    expect(client.rooms.size).toBe(0);
  });

  test("an error has the data of a refusal, in a reply and in an error event", async () => {
    const error = { code: "refused", message: "Too early.", data: { retryAfter: 5 } };
    await using server = new WrittenServer((frame, server) => {
      if (frame.event === "message") server.send({ id: frame.id, ok: false, error });
      else return standard(frame);
    });
    await using client = await login(server);
    expect(await failure(client.request("start"))).toMatchObject(error);
    const errors: HotroomClientError[] = [];
    client.on("error", (each) => errors.push(each));
    server.send({ event: "error", room: "lobby", error });
    await client.ping();
    expect(errors).toMatchObject([{ ...error, room: "lobby" }]);
  });

  test("[P91] a code of a newer server rejects like any other, and the connection stays", async () => {
    await using server = new WrittenServer((frame, server) => {
      const error = { code: "of_the_future", message: "Cannot." };
      if (frame.event === "join") server.send({ id: frame.id, ok: false, error });
      else return standard(frame);
    });
    await using client = await login(server);
    expect(await failure(client.join("lobby"))).toMatchObject({ code: "of_the_future", message: "Cannot." });
    await client.ping();
  });

  test("a request without a reply times out, and its late reply harms nothing", async () => {
    await using server = new WrittenServer((frame) =>
      frame.event === "message" ? undefined : standard(frame),
    );
    await using client = await login(server);
    const late = await failure(client.request("slow", null, { timeout: 10 }));
    expect(late).toMatchObject({ code: "timeout", message: 'Cannot send "slow": no reply in 10 ms.' });
    const { id } = await server.frame(({ type }) => type === "slow");
    server.send({ id, ok: true, data: 1 });
    await client.ping();
  });

  test("an aborted request rejects with the signal's reason", async () => {
    await using server = new WrittenServer((frame) =>
      frame.event === "message" ? undefined : standard(frame),
    );
    await using client = await login(server);
    const controller = new AbortController();
    const request = client.request("slow", null, { signal: controller.signal });
    const reason = new Error("changed my mind");
    controller.abort(reason);
    expect(request).rejects.toBe(reason);
    expect(client.request("never", null, { signal: controller.signal })).rejects.toBe(reason);
    await client.ping();
    expect(server.frames.some(({ type }) => type === "never")).toBe(false);
  });

  test("a join that succeeds after its timeout is undone", async () => {
    await using server = new WrittenServer((frame) => (frame.event === "join" ? undefined : standard(frame)));
    await using client = await login(server);
    expect(await failure(client.join("lobby", undefined, { timeout: 10 }))).toMatchObject({
      code: "timeout",
    });
    const { id } = await server.frame(({ event }) => event === "join");
    server.send({ id, ok: true, data: { room: "lobby", type: "chat", users: [ann] } });
    expect(await server.frame(({ event }) => event === "leave")).toEqual({ event: "leave", room: "lobby" });
    expect(client.rooms.size).toBe(0);
  });

  test("data that is no JSON is refused before anything is sent", async () => {
    await using server = new WrittenServer();
    await using client = await login(server);
    expect(() => client.send("n", 1n)).toThrow('Cannot send "n": its data can\'t be written as JSON.');
    expect(await failure(client.request("n", 1n))).toMatchObject({ code: "unsendable" });
  });

  test("create sends the room's options, and create and join leave out what is not given", async () => {
    await using server = new WrittenServer();
    await using client = await login(server);
    await client.create("m1", { type: "match", password: "x" });
    await client.join("m1");
    expect(server.frames.slice(1)).toEqual([
      { event: "create", id: 2, room: "m1", data: { type: "match", password: "x" } },
      { event: "join", id: 3, room: "m1" },
    ]);
  });
});

describe("what comes unasked", () => {
  test("room_add, room_remove and messages without a room reach their listeners", async () => {
    await using server = new WrittenServer();
    await using client = await login(server);
    const seen: unknown[] = [];
    client.on("room_add", (room) => seen.push(room));
    client.on("room_remove", (room) => seen.push(room));
    client.messages.on("news", (data) => seen.push(data));
    server.send(
      { event: "room_add", room: "a", type: "chat" },
      { event: "message", type: "news", data: 1 },
      { event: "room_remove", room: "a", reason: "It was empty." },
    );
    await client.ping();
    expect(seen).toEqual([{ name: "a", type: "chat" }, 1, { name: "a", reason: "It was empty." }]);
  });

  test("an error event reaches the error listeners, with its room", async () => {
    await using server = new WrittenServer();
    await using client = await login(server);
    const errors: HotroomClientError[] = [];
    client.on("error", (error) => errors.push(error));
    server.send({ event: "error", room: "lobby", error: { code: "no_handler", message: "Cannot." } });
    await client.ping();
    expect(errors).toMatchObject([{ code: "no_handler", message: "Cannot.", room: "lobby" }]);
  });

  test("an error that nobody listens for is written to the console", async () => {
    await using server = new WrittenServer();
    await using client = await login(server);
    const { error } = console;
    const written: unknown[][] = [];
    console.error = (...all) => written.push(all);
    try {
      server.send({ event: "error", error: { code: "busy", message: "Cannot." } });
      await client.ping();
    } finally {
      console.error = error;
    }
    expect(written).toMatchObject([["hotroom:", { code: "busy" }]]);
  });

  test("[P12] frames of no known form are reported, those of unknown events skipped; the connection stays", async () => {
    await using server = new WrittenServer();
    await using client = await login(server);
    const codes: string[] = [];
    client.on("error", ({ code }) => codes.push(code));
    for (const text of ["{", "7", "null", "[]", '{"id":"x","ok":true}', '{"id":1,"ok":false}', '{"event":7}'])
      server.socket?.send(text);
    server.socket?.send(new Uint8Array([1, 2]));
    server.send({ event: "of_the_future", room: "a" }, { id: 99, ok: true });
    await client.ping();
    expect(codes).toEqual(Array(8).fill("bad_frame"));
  });

  test("frame listeners see each frame in both directions", async () => {
    await using server = new WrittenServer();
    await using client = await connect(server.url);
    const seen: string[] = [];
    client.on("frame", (direction, text) => seen.push(`${direction} ${text}`));
    await client.ping();
    expect(seen).toEqual(['out {"event":"ping","id":1}', 'in {"id":1,"ok":true,"data":{}}']);
  });
});

describe("the end", () => {
  test("[P100] a close of the server rejects what waits, ends rooms and says whether to come back, where the client does not", async () => {
    await using server = new WrittenServer((frame, server) => {
      if (frame.type !== "slow") return standard(frame);
      server.socket?.close(4000, "server_shutdown");
    });
    const client = await connect(server.url, { reconnect: false });
    await client.login({ name: "ann" });
    const room = await client.join("lobby");
    const ended = new Promise((resolve) => room.on("end", resolve));
    const closes: Closed[] = [];
    client.on("close", (closed) => closes.push(closed));
    const lost = await failure(room.request("slow"));
    expect(lost).toMatchObject({ code: "closed" });
    expect(lost.message).toBe(
      'Cannot send "slow" to room "lobby": the connection is closed (4000 server_shutdown).',
    );
    const closed = await client.closed;
    expect(closed).toEqual({ code: 4000, reason: "server_shutdown" });
    expect(mayReconnect(closed.code)).toBe(true);
    expect(closes).toEqual([closed]);
    expect(await ended).toEqual({ cause: "closed", reason: "server_shutdown" });
    expect([client.rooms.size, client.user, room.users.length]).toEqual([0, undefined, 0]);
    expect(() => room.send("say")).toThrow("the connection is closed");
    expect(await failure(client.login({ name: "ann" }))).toMatchObject({ code: "closed" });
  });

  test("close() rejects what waits at once and delivers nothing after", async () => {
    await using server = new WrittenServer((frame) =>
      frame.event === "message" ? undefined : standard(frame),
    );
    const client = await login(server);
    const seen: unknown[] = [];
    client.messages.on("late", (data) => seen.push(data));
    const waiting = failure(client.request("slow"));
    const closing = client.close();
    server.send({ event: "message", type: "late" });
    expect(await waiting).toMatchObject({ code: "closed" });
    expect(await closing).toMatchObject({ code: 1000 });
    expect(await client.close()).toBe(await closing);
    expect(seen).toEqual([]);
  });

  test("listeners that throw are reported as uncaught and don't keep others from being called", async () => {
    const script = `
      import { connect } from "${import.meta.dir}/../../src/client/client.ts";
      const client = await connect(process.argv[1]);
      process.on("uncaughtException", (error) => console.log("uncaught", error.message));
      globalThis.addEventListener?.("error", (event) => { event.preventDefault(); console.log("uncaught", event.message); });
      client.on("room_add", () => { throw new Error("mine"); });
      client.on("room_add", () => console.log("second"));
      await client.ping();
      await client.close();
      process.exit(0);`;
    await using server = new WrittenServer((frame, server) => {
      if (frame.event === "ping") server.send({ event: "room_add", room: "a", type: "b" });
      return standard(frame);
    });
    const child = Bun.spawn([process.execPath, "-e", script, server.url], { stdout: "pipe", stderr: "pipe" });
    const written = await Promise.all([child.stdout, child.stderr].map((pipe) => new Response(pipe).text()));
    expect(written[0]).toContain("second");
    expect(written.join("")).toContain("mine");
  });
});
