/** Clients of goroomserver work unchanged on `/`. */
import { beforeAll, expect, test } from "bun:test";
import type { Frame, TestClient } from "./client.ts";
import { startServer, until, type TestServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "chat.ts": `
    import { defineRoom, refuse } from "hotroom";
    export default defineRoom({
      maxUsers: 3,
      events: { join(room, user, data) { if (data?.closed) refuse("Closed."); }, watch() {} },
      messages: {
        message(room, user, data) { room.broadcast("said", { from: user.name, text: data.text }); },
        shout(room, user, data) { room.broadcast("shouted", { text: data.text.toUpperCase() }); },
        fail() { throw new Error("secret"); },
      },
    });`,
};

onEachRuntime("goroomserver's wire", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files });
  });

  const frame = (eventType: number, data: object = {}, roomName = "") => ({
    appName: "chat",
    roomName,
    eventType,
    data,
  });

  async function login(username: string): Promise<TestClient> {
    const client = await server.open("/");
    client.send(frame(6, { username }));
    await client.next((answer) => answer.eventType === 6);
    return client;
  }

  async function answerTo(
    client: TestClient,
    sent: object,
    matches: (answer: Frame) => boolean = (a) => a.code === 500,
  ) {
    client.send(sent);
    return client.next(matches, `an answer to ${JSON.stringify(sent)}`);
  }

  test("[P111, P113] login answers with the user's and the application's name", async () => {
    const client = await server.open("/");
    client.send(frame(1));
    const answer = await answerTo(client, frame(6, { username: "ann" }), (answer) => answer.eventType === 6);
    expect(answer).toMatchObject({ eventType: 6, code: 200, data: { userName: "ann", appName: "chat" } });
    const again = await answerTo(client, frame(6, { username: "ann" }));
    expect(again).toMatchObject({ code: 500, error: { code: 4 } });
    client.close();
  });

  test("[P115, P116, P117] join and leave answer only when they fail; a message reaches the room's handler and all members", async () => {
    const ann = await login("ann 1");
    const bob = await login("bob 1");
    ann.send(frame(4, { roomName: "hall" }));
    ann.send(frame(11, { text: "alone" }, "hall"));
    const first = await ann.next((answer) => answer.eventType === 11);
    expect(first).toMatchObject({ code: 200, data: { from: "ann 1", text: "alone" } });
    bob.send(frame(4, { roomName: "hall" }));
    bob.send(frame(11, { text: "hello" }, "hall"));
    for (const client of [ann, bob]) {
      const said = await client.next((answer) => answer.eventType === 11);
      expect(said).toMatchObject({ code: 200, data: { from: "bob 1", text: "hello" } });
    }
    // The type of a message is data.type.
    bob.send(frame(11, { type: "shout", text: "hey" }, "hall"));
    expect(await ann.next((answer) => answer.eventType === 11)).toMatchObject({ data: { text: "HEY" } });
    bob.send(frame(5, { roomName: "hall" }));
    expect(await answerTo(bob, frame(11, { text: "gone" }, "hall"))).toMatchObject({ error: { code: 9 } });
    expect(bob.frames((answer) => answer.eventType === 4 || answer.eventType === 5)).toEqual([]);
    ann.close();
    bob.close();
  });

  test("[P115, P118] rooms that come and go arrive as 12 and 13; subscribe watches", async () => {
    const ann = await login("ann 2");
    const bob = await login("bob 2");
    ann.send(frame(4, { roomName: "watched" }));
    expect(
      await bob.next((answer) => answer.eventType === 12 && answer.data.roomName === "watched"),
    ).toMatchObject({ code: 200 });
    bob.send(frame(9, { roomName: "watched" }));
    expect(await answerTo(bob, frame(9, { roomName: "watched" }))).toMatchObject({ error: { code: 8 } });
    ann.send(frame(11, { text: "seen" }, "watched"));
    expect(await bob.next((answer) => answer.eventType === 11)).toMatchObject({ data: { text: "seen" } });
    bob.send(frame(10, { roomName: "watched" }));
    ann.close();
    bob.close();
  });

  test("[P119, P120] every refusal has its number", async () => {
    const client = await server.open("/");
    expect(
      await answerTo(client, { appName: "nobody", eventType: 6, data: { username: "x" } }),
    ).toMatchObject({ error: { code: 1 } });
    expect(await answerTo(client, frame(4, { roomName: "hall" }))).toMatchObject({ error: { code: 2 } });
    expect(await answerTo(client, frame(6, { username: "" }))).toMatchObject({ error: { code: 3 } });
    const ann = await login("ann 3");
    expect(await answerTo(ann, frame(6, { username: "ann 3" }))).toMatchObject({ error: { code: 4 } });
    expect(await answerTo(ann, frame(4, { roomName: "__proto__" }))).toMatchObject({ error: { code: 6 } });
    expect(await answerTo(ann, frame(5, { roomName: "nowhere" }))).toMatchObject({ error: { code: 7 } });
    ann.send(frame(4, { roomName: "numbers" }));
    expect(await answerTo(ann, frame(4, { roomName: "numbers" }))).toMatchObject({ error: { code: 8 } });
    ann.send(frame(4, { roomName: "left" }));
    ann.send(frame(5, { roomName: "left" }));
    expect(await answerTo(ann, frame(5, { roomName: "left" }))).toMatchObject({ error: { code: 9 } });
    expect(await answerTo(ann, frame(99))).toMatchObject({ error: { code: 10 } });
    expect(await answerTo(ann, frame(4, { roomName: "shut", closed: true }))).toMatchObject({
      error: { code: 12 },
    });
    const failed = await answerTo(ann, frame(11, { type: "fail" }, "numbers"));
    expect(JSON.stringify(failed)).not.toContain("secret");
    client.close();
    ann.close();
  });

  test("[P119] what is not understood is repeated whole", async () => {
    const ann = await login("ann 4");
    const answers = [
      await answerTo(ann, frame(99, { x: [1, null] }, "hall")),
      await answerTo(ann, frame(4, { roomName: "__proto__", seat: 3 })),
      await answerTo(ann, frame(11, { text: "hi" }, "nowhere")),
    ];
    expect(answers.map(({ eventType, data }) => ({ eventType, data }))).toEqual([
      { eventType: 99, data: { x: [1, null], roomName: "hall", appName: "chat" } },
      { eventType: 4, data: { roomName: "__proto__", seat: 3, appName: "chat" } },
      { eventType: 11, data: { text: "hi", roomName: "nowhere", appName: "chat" } },
    ]);
    ann.close();
  });

  test("[P121, P122] binary frames with UTF-8 JSON are taken, and keys in another case", async () => {
    const client = await server.open("/");
    const bytes = (text: string) => new TextEncoder().encode(text);
    client.send(bytes('{"AppName":"chat","EVENTTYPE":6,"Data":{"username":"zoë 5"}}'));
    expect(await client.next((answer) => answer.eventType === 6)).toMatchObject({
      code: 200,
      data: { userName: "zoë 5", appName: "chat" },
    });
    const problems = { "it is binary and not UTF-8": [0x22, 0xff, 0x22], "it is not JSON": [1, 2, 3] };
    for (const [why, sent] of Object.entries(problems)) {
      client.send(new Uint8Array(sent));
      expect(await client.next((answer) => answer.code === 500)).toMatchObject({
        eventType: 0,
        data: { roomName: "", appName: "" },
        error: { code: 10, message: `Cannot read the frame: ${why}.` },
      });
    }
    client.send(bytes(JSON.stringify(frame(11, { text: "é".repeat(540_000) }, "hall"))));
    expect((await client.next((answer) => answer.code === 500)).error.message).toContain("more than 1048576");
    client.close();
  });

  test("[P123] a login with the name of a live user takes its place, and the old connection is closed", async () => {
    const before = await login("ann 6");
    const bob = await server.user("chat", "bob 6", "hall 6");
    before.send(frame(4, { roomName: "hall 6" }));
    await bob.next((event) => event.event === "join");
    const after = await login("ann 6");
    // The old user has left before the new one is there.
    expect(await bob.next((event) => event.event === "leave")).toMatchObject({ user: { name: "ann 6" } });
    expect((await before.closed).code).toBe(4503);
    after.send(frame(4, { roomName: "hall 6" }));
    expect(await bob.next((event) => event.event === "join")).toMatchObject({ user: { name: "ann 6" } });
    // Many at once: none is refused, and one stays.
    const crowd = await Promise.all(Array.from({ length: 8 }, () => server.open("/")));
    for (const client of crowd) client.send(frame(6, { username: "ann 6" }));
    const answers = crowd.map((client) => client.next((answer) => answer.eventType === 6));
    expect((await Promise.all(answers)).map(({ code }) => code)).toEqual(crowd.map(() => 200));
    const ended: number[] = [];
    for (const client of crowd) void client.closed.then(({ code }) => ended.push(code));
    await until("seven ends", () => ended.length === 7 || undefined);
    expect(ended).toEqual(Array(7).fill(4503));
    expect((await after.closed).code).toBe(4503);
    const [last] = crowd.filter((client) => client.isOpen);
    last?.send(frame(4, { roomName: "hall 6" }));
    await bob.next((event) => event.event === "join");
    bob.close();
    last?.close();
  });

  test("[P37, P123] on the other wire the name of a live user is taken, whichever wire that user is on", async () => {
    const old = await login("ann 7");
    const young = await server.open("/ws/chat");
    const answer = await young.request({ event: "login", data: { name: "ann 7" } });
    expect(answer).toMatchObject({ ok: false, error: { code: "name_taken" } });
    old.close();
    young.close();
  });

  test.each([
    "",
    "null",
    "[]",
    "7",
    "{",
    '{"eventType":{}}',
    '{"eventType":6,"appName":7}',
    '{"eventType":6,"appName":"chat","data":[]}',
    '{"eventType":1e400}',
  ])(
    "[P111, P119] the hostile frame %p is answered with code 500, and the connection stays",
    async (hostile) => {
      const client = await server.open("/");
      client.send(hostile);
      const answer = await client.next((answer) => answer.code === 500);
      expect(answer.error.code).toBeGreaterThan(0);
      client.send(frame(6, { username: `after ${Math.random()}` }));
      expect(await client.next((answer) => answer.eventType === 6)).toMatchObject({ code: 200 });
      client.close();
    },
  );

  test("clients of both wires meet in one room", async () => {
    const old = await login("old");
    const young = await server.user("chat", "young", "both");
    old.send(frame(4, { roomName: "both" }));
    await young.next((answer) => answer.event === "join" && answer.user.name === "old");
    old.send(frame(11, { text: "from the old wire" }, "both"));
    expect((await young.message("said")).data).toEqual({ from: "old", text: "from the old wire" });
    await young.ok({ event: "message", room: "both", type: "message", data: { text: "from the new one" } });
    const said = (answer: Frame) => answer.eventType === 11 && answer.data.from === "young";
    expect(await old.next(said)).toMatchObject({ data: { text: "from the new one" } });
    old.close();
    await young.next((answer) => answer.event === "leave" && answer.user.name === "old");
  });
});
