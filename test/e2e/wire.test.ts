/** Frames of all kinds, sent as they are. */
import { beforeAll, describe, expect, test } from "bun:test";
import type { TestClient } from "./client.ts";
import { startServer, type TestServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  // To write a big text takes about as long as an event may in an engine that has not warmed up: here it may take longer.
  "echo/hotroom.json": '{ "rooms": "join", "limits": { "cpuPerEvent": 1000 } }',
  "echo/rooms/echo.ts": `
    import { defineRoom } from "hotroom";
    import * as v from "valibot";
    export default defineRoom({
      messages: {
        echo: (room, user, data) => data,
        all(room, user, data) { room.broadcast("all", data); },
        nothing() {},
        checked: {
          schema: v.object({ seat: v.object({ number: v.pipe(v.number(), v.integer()) }) }),
          handle: (room, user, { seat }) => seat.number,
        },
      },
    });`,
};

const big = (bytes: number) =>
  `{"event":"message","room":"hall","type":"echo","data":"${"x".repeat(bytes)}"}`;

/** Frames that no handler may ever see; the code that each is answered with. */
const hostile: [what: string, frame: string | Uint8Array, code: RegExp][] = [
  ["an empty frame", "", /bad_frame/],
  ["text that is no JSON", "hello", /bad_frame/],
  ["half of a frame", '{"event":"ping"', /bad_frame/],
  ["two frames in one", '{"event":"ping"}{"event":"ping"}', /bad_frame/],
  ["null", "null", /bad_frame/],
  ["a number", "42", /bad_frame/],
  ["an array", '[{"event":"ping"}]', /bad_frame/],
  ["no event", '{"room":"hall"}', /bad_frame/],
  ["an event that is no string", '{"event":6}', /bad_frame/],
  ["an unknown event", '{"event":"dance"}', /bad_frame/],
  ["an event named as a prototype's key", '{"event":"constructor"}', /bad_frame/],
  ["an event named __proto__", '{"event":"__proto__"}', /bad_frame/],
  ["a server's event", '{"event":"room_add","room":"hall"}', /bad_frame/],
  ["a message without a type", '{"event":"message","room":"hall"}', /bad_frame/],
  ["a type that is an object", '{"event":"message","room":"hall","type":{}}', /bad_frame/],
  ["a room that is an array", '{"event":"join","room":["hall"]}', /bad_frame/],
  ["a room named __proto__", '{"event":"join","room":"__proto__"}', /invalid_name/],
  ["a room with a line break in its name", '{"event":"join","room":"a\\nb"}', /invalid_name/],
  ["an id that is an object", '{"event":"ping","id":{}}', /bad_frame/],
  ["an id that is null", '{"event":"ping","id":null}', /bad_frame/],
  ["an id that is a fraction", '{"event":"ping","id":1.5}', /bad_frame/],
  [
    "a key __proto__",
    '{"event":"message","room":"hall","type":"echo","data":{"__proto__":{"a":1}}}',
    /bad_frame/,
  ],
  [
    "an escaped key __proto__",
    '{"event":"message","room":"hall","type":"echo","data":{"\\u005f_proto__":1}}',
    /bad_frame/,
  ],
  ["1e400", '{"event":"message","room":"hall","type":"echo","data":1e400}', /bad_frame/],
  [
    "−1e400 deep inside",
    '{"event":"message","room":"hall","type":"echo","data":[{"a":[-1e400]}]}',
    /bad_frame/,
  ],
  ["half a surrogate pair", '{"event":"message","room":"hall","type":"echo","data":"\\ud800"}', /bad_frame/],
  [
    "half a surrogate pair as a key",
    '{"event":"message","room":"hall","type":"echo","data":{"\\udfff":1}}',
    /bad_frame/,
  ],
  [
    "ten thousand arrays in each other",
    `{"event":"message","room":"hall","type":"echo","data":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
    /bad_frame/,
  ],
  ["a frame of more than 1 MB", big(1025 * 1024), /too_large/],
  [
    "a frame whose bytes are more than 1 MB, though its characters are not",
    big(0).replace('""', `"${"é".repeat(540_000)}"`),
    /too_large/,
  ],
  ["a binary frame", new Uint8Array([1, 2, 3]), /bad_frame/],
  ["a binary frame that is JSON", new TextEncoder().encode('{"event":"ping","id":1}'), /bad_frame/],
];

onEachRuntime("the wire", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files, args: ["--inbound-rate", "0"] });
  });

  describe("hostile frames", () => {
    let client: TestClient;
    beforeAll(async () => {
      client = await server.user("echo", "mallory", "hall");
    });

    test.each(hostile)(
      "[P10, P11, P90] %s is answered with an error, and the connection stays",
      async (_, frame, code) => {
        client.send(frame);
        const answer = await client.next((answer) => answer.event === "error" || answer.ok === false);
        expect(answer.error.code).toMatch(code);
        expect(answer.error.message).toMatch(/^Cannot .*\.$/);
        expect(await client.ask("hall", "echo", "still here")).toBe("still here");
      },
    );

    test("[P38] before a login everything but a login is answered with not_logged_in", async () => {
      const guest = await server.connect("echo");
      for (const event of ["join", "leave", "create", "subscribe", "unsubscribe"]) {
        expect((await guest.fails({ event, room: "hall", data: {} })).code).toBe("not_logged_in");
      }
      expect((await guest.fails({ event: "message", room: "hall", type: "echo" })).code).toBe(
        "not_logged_in",
      );
      expect((await guest.fails({ event: "logout" })).code).toBe("not_logged_in");
      await guest.settle();
      guest.close();
    });
  });

  test("[P16, P17, P61] a frame with an id has exactly one reply with that id; one without has none when it succeeds", async () => {
    const client = await server.user("echo", "ann", "replies");
    for (const id of [0, 1, -5, 9_007_199_254_740_991, "a", "ä😀", "1", "x".repeat(64)]) {
      client.send({ event: "message", id, room: "replies", type: "echo", data: id });
      expect(await client.next((frame) => frame.id === id)).toEqual({ id, ok: true, data: id });
    }
    expect(await client.request({ event: "message", room: "replies", type: "nothing", id: 77 })).toEqual({
      id: 77,
      ok: true,
    });
    const before = client.frames().length;
    client.send({ event: "message", room: "replies", type: "echo", data: 1 });
    client.send({ event: "ping" });
    await client.settle();
    expect(client.frames()).toHaveLength(before + 1);
    client.close();
  });

  test.each([
    ["numbers", [0, -1, 1.5, 1e-7, 9_007_199_254_740_991, 1e21]],
    ["texts", ["", "ä", "😀", "\u2028\u2029", "\u0000", "</script>", 'a"b\\c']],
    ["keys", { constructor: 1, toString: 2, "": 3, length: 4, hasOwnProperty: null }],
    ["nothing", null],
    ["nested", { a: [{ b: [[], {}] }] }],
    ["a big text", "x".repeat(60_000)],
  ])("[P20, P26] data comes back as it went in: %s", async (_, data) => {
    const client = await server.user("echo", `carrier ${String(_)}`, "data");
    expect(await client.ask("data", "echo", data)).toEqual(JSON.parse(JSON.stringify(data)));
    await client.ask("data", "all", data);
    expect((await client.message("all")).data).toEqual(JSON.parse(JSON.stringify(data)));
    client.close();
  });

  test("[P62] data that does not fit the schema is answered with invalid_data and the path", async () => {
    const client = await server.user("echo", "schemer", "schema");
    expect(await client.ask("schema", "checked", { seat: { number: 3 } })).toBe(3);
    for (const data of [
      undefined,
      null,
      {},
      { seat: {} },
      { seat: { number: 1.5 } },
      { seat: { number: "1" } },
    ]) {
      expect((await client.fails({ event: "message", room: "schema", type: "checked", data })).code).toBe(
        "invalid_data",
      );
    }
    const error = await client.fails({
      event: "message",
      room: "schema",
      type: "checked",
      data: { seat: { number: "1" } },
    });
    expect(error.message).toContain("seat.number");
    client.close();
  });

  test("[P80, P81, P82] requests of one connection are answered in the order in which they came", async () => {
    const client = await server.user("echo", "orderly", "order");
    const ids = Array.from({ length: 200 }, (_, index) => index + 1000);
    for (const id of ids) client.send({ event: "message", id, room: "order", type: "echo" });
    await client.next((frame) => frame.id === 1199);
    expect(client.frames((frame) => frame.id >= 1000).map((frame) => frame.id)).toEqual(ids);
    // Also where one takes longer: what follows a join sees its room.
    client.send({ event: "join", id: 1, room: "order 2" });
    client.send({ event: "message", id: 2, room: "order 2", type: "echo", data: "in" });
    client.send({ event: "leave", id: 3, room: "order 2" });
    client.send({ event: "message", id: 4, room: "order 2", type: "echo" });
    expect((await client.next((frame) => frame.id === 2)).data).toBe("in");
    expect((await client.next((frame) => frame.id === 4)).error.code).toBe("not_in_room");
    client.close();
  });

  test("[P2] hotroom.v1 is agreed on where it is offered, and not asked for", async () => {
    const offered = await server.connect("echo", ["other", "hotroom.v1"]);
    expect(offered.socket.protocol).toBe("hotroom.v1");
    const plain = await server.connect("echo");
    expect(plain.socket.protocol).toBe("");
    for (const client of [offered, plain]) await client.settle();
  });

  test("a plain GET of a socket's address is answered by HTTP, not by a hang", async () => {
    expect((await fetch(`${server.url}/ws/echo`)).status).toBe(426);
  });
});
