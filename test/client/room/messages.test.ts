import { expect, test } from "bun:test";
import { connect } from "../../../src/client/client.ts";
import { WrittenServer } from "../wire.ts";

const message = (type: string, data?: unknown) => ({ event: "message", room: "lobby", type, data });

async function join(server: WrittenServer) {
  const client = await connect(server.url);
  await client.login({ name: "ann" });
  return { client, room: await client.join("lobby") };
}

test("on, once, onAny and off do what they say", async () => {
  await using server = new WrittenServer();
  const { client, room } = await join(server);
  const seen: string[] = [];
  const listener = (data: number) => seen.push(`on ${data}`);
  const off = room.messages.on("n", listener);
  room.messages.on("n", listener);
  room.messages.once("n", (data) => seen.push(`once ${data}`));
  room.messages.onAny(({ type, data }) => seen.push(`any ${type} ${data}`));
  const gone = room.messages.on("n", () => seen.push("never"));
  room.messages.on("first", () => gone());
  server.send(message("first"), message("n", 1), message("n", 2));
  await client.ping();
  off();
  off();
  server.send(message("n", 3));
  await client.ping();
  expect(seen).toEqual(["any first undefined", "on 1", "once 1", "any n 1", "on 2", "any n 2", "any n 3"]);
  await client.close();
});

test("a listener that is removed while its event is handled isn't called", async () => {
  await using server = new WrittenServer();
  const { client, room } = await join(server);
  const seen: number[] = [];
  room.messages.on("n", () => second());
  const second = room.messages.on("n", (data) => seen.push(data));
  server.send(message("n", 1));
  await client.ping();
  expect(seen).toEqual([]);
  await client.close();
});

test("next() resolves with the next of its type, or rejects at its timeout, its signal or the end", async () => {
  await using server = new WrittenServer();
  const { client, room } = await join(server);
  const next = room.messages.next("b");
  server.send(message("a", 1), message("b", 2), message("b", 3));
  expect(await next).toBe(2);
  await expect(room.messages.next("b", { timeout: 10 })).rejects.toMatchObject({
    code: "timeout",
    message: 'Cannot wait for "b" in room "lobby": none came in 10 ms.',
  });
  const reason = new Error("enough");
  await expect(room.messages.next("b", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const last = room.messages.next("b");
  server.send({ event: "room_remove", room: "lobby" });
  await expect(last).rejects.toMatchObject({ code: "closed" });
  await expect(room.messages.next("b")).rejects.toMatchObject({ code: "closed" });
  await client.close();
});

test("iterating gives every message in order, and ends with the room", async () => {
  await using server = new WrittenServer();
  const { client, room } = await join(server);
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const { type, data } of room.messages) seen.push([type, data]);
  })();
  server.send(message("a", 1), message("b", 2), { event: "room_remove", room: "lobby" }, message("c"));
  await reading;
  expect(seen).toEqual([
    ["a", 1],
    ["b", 2],
  ]);
  for await (const _ of room.messages) throw new Error("The room has ended.");
  await client.close();
});

test("leaving the loop stops listening, and the application's messages can be iterated too", async () => {
  await using server = new WrittenServer();
  const client = await connect(server.url);
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const { data } of client.messages) {
      seen.push(data);
      if (data === 2) break;
    }
  })();
  for (const data of [1, 2, 3]) server.send({ event: "message", type: "n", data });
  await reading;
  await client.close();
  expect(seen).toEqual([1, 2]);
});
