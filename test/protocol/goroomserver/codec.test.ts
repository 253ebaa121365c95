import type { WireFrame } from "../../../src/protocol/bytes.ts";
import { describe, expect, test } from "bun:test";
import type { Request } from "../../../src/protocol/codec.ts";
import { errorCodes } from "../../../src/protocol/codes.ts";
import { goroomserver } from "../../../src/protocol/goroomserver/codec.ts";

/** A client's frame as its Go client writes it: all four keys, always. */
const frame = (eventType: unknown, data: unknown = {}, roomName: unknown = "", appName: unknown = "test") =>
  JSON.stringify({ appName, roomName, eventType, data });

/** The number of the error that a failed request is answered with. */
function numberFor(text: string, code: string): number {
  return JSON.parse(goroomserver.fail(goroomserver.decode(text), { code, message: "Why." }) as string).error
    .code;
}

const sent = (text: WireFrame | undefined) => JSON.parse(text as string);
const fine = { code: 200, error: { code: 0, message: "" } };

describe("requests", () => {
  const taken: [string, string, Partial<Request>][] = [
    [
      "[P113] login",
      frame(6, { username: "prateek", token: 1 }),
      { event: "login", application: "test", data: { username: "prateek", token: 1, name: "prateek" } },
    ],
    ["[P113] a login by name", frame(6, { name: "ann" }), { event: "login", data: { name: "ann" } }],
    ["[P114] logout", frame(7), { event: "logout", application: "test" }],
    ["[P114] disconnection", frame(2), { event: "logout", application: "test" }],
    ["[P114] connection", '{"eventType":1}', { event: "ping" }],
    [
      "[P115] join",
      frame(4, { roomName: "lobby", password: "x" }),
      { event: "join", application: "test", room: "lobby", data: { roomName: "lobby", password: "x" } },
    ],
    ["[P115] join by the frame's room", frame(4, null, "lobby"), { event: "join", room: "lobby", data: {} }],
    ["[P115] leave", frame(5, { roomName: "lobby" }, "other"), { event: "leave", room: "lobby" }],
    ["[P115] subscribe", frame(9, { roomName: "lobby" }), { event: "subscribe", room: "lobby" }],
    ["[P115] unsubscribe", frame(10, {}, "lobby"), { event: "unsubscribe", room: "lobby" }],
    ["[P112] reconnect", frame(8, { session: "x" }), { event: "reconnect", data: { session: "x" } }],
    [
      "[P116] a message with a type",
      frame(11, { type: "say", text: "hi" }, "lobby"),
      { event: "message", room: "lobby", type: "say", data: { type: "say", text: "hi" } },
    ],
    [
      "[P116] a message without a type",
      frame(11, { text: "hi" }, "lobby"),
      { type: "message", data: { text: "hi" } },
    ],
    ["[P116] a type that is no name", frame(11, { type: "__proto__" }, "lobby"), { type: "message" }],
    ["[P116] a type that is no string", frame(11, { type: 5 }, "lobby"), { type: "message" }],
    [
      "[P110] absent keys",
      '{"appName":"test","eventType":11}',
      { event: "message", type: "message", data: {} },
    ],
  ];
  for (const [name, text, request] of taken) {
    test(name, () => expect(goroomserver.decode(text)).toMatchObject(request));
  }

  test("[P116] a message without a room is the application's", () => {
    for (const room of ["", null, undefined])
      expect(goroomserver.decode(frame(11, {}, room)).room).toBeUndefined();
  });

  test("[P113] only login, logout and reconnect ask for an answer", () => {
    const asking = [2, 4, 5, 6, 7, 8, 9, 10, 11].filter(
      (eventType) => goroomserver.decode(frame(eventType, { roomName: "r" })).id !== undefined,
    );
    expect(asking).toEqual([2, 6, 7, 8]);
  });
});

describe("what the server sends", () => {
  test("[P113] the answer to a login", () => {
    const request = goroomserver.decode(frame(6, { username: "prateek" }));
    const reply = goroomserver.reply(request, '{"user":{"id":"u1","name":"prateek"},"session":"s"}');
    expect(reply).toBe(
      '{"eventType":6,"data":{"userName":"prateek","appName":"test"},"code":200,"error":{"code":0,"message":""}}',
    );
  });

  test("[P114] the answer to a logout has a login's number", () => {
    const reply = goroomserver.reply(goroomserver.decode(frame(7)), '{"user":{"id":"u1","name":"ann"}}');
    expect(sent(reply)).toEqual({ eventType: 6, data: { userName: "ann", appName: "test" }, ...fine });
    expect(sent(goroomserver.reply(goroomserver.decode(frame(7)))).data).toEqual({
      userName: "",
      appName: "test",
    });
  });

  test("[P115, P116] what else succeeds is not answered", () => {
    for (const eventType of [4, 5, 9, 10, 11]) {
      const request = goroomserver.decode(frame(eventType, { roomName: "r" }, "r"));
      expect(goroomserver.reply(request, '{"a":1}')).toBeUndefined();
    }
    expect(goroomserver.reply(goroomserver.decode('{"eventType":1}'))).toBeUndefined();
  });

  test("[P117] a message carries the script's data with its type and room", () => {
    const from = (data?: string, room?: string) =>
      sent(
        goroomserver.event({
          event: "message",
          type: "said",
          ...(room ? { room } : {}),
          ...(data ? { data } : {}),
        }),
      );
    expect(from('{"text":"hi"}', "lobby")).toEqual({
      eventType: 11,
      data: { type: "said", roomName: "lobby", text: "hi" },
      ...fine,
    });
    expect(from('{"type":"own","roomName":"own"}', "lobby").data).toEqual({ type: "own", roomName: "own" });
    expect(from('{"type":"own"}', "lobby").data).toEqual({ type: "own", roomName: "lobby" });
    expect(from("{ }", "lobby").data).toEqual({ type: "said", roomName: "lobby" });
    expect(from("{}").data).toEqual({ type: "said" });
    expect(from('{"type":{}}').data).toEqual({ type: {} });
    expect(from('"text"', "lobby").data).toEqual({ type: "said", roomName: "lobby", data: "text" });
    expect(from("[1,2]").data).toEqual({ type: "said", data: [1, 2] });
    expect(from("null", "lobby").data).toEqual({ type: "said", roomName: "lobby" });
    expect(from().data).toEqual({ type: "said" });
  });

  test("[P117] no key is there twice, and the script's text stays as it is", () => {
    const data = ' {"n":1.0,"text":"\\u00e9"}';
    expect(goroomserver.event({ event: "message", room: "r", type: "t", data })).toBe(
      '{"eventType":11,"data":{"type":"t","roomName":"r","n":1.0,"text":"\\u00e9"},"code":200,"error":{"code":0,"message":""}}',
    );
    for (const own of ['{"type":"own","roomName":"own"}', '{"type":"own","x":1,"roomName":null}']) {
      const frame = goroomserver.event({ event: "message", room: "r", type: "t", data: own });
      expect(frame).toStartWith(`{"eventType":11,"data":${own},"code":200`);
    }
  });

  test("[P118] rooms that come and go are told, users that do are not", () => {
    const data = { roomName: "m1", appName: "test" };
    const room = { room: "m1", application: "test" };
    expect(sent(goroomserver.event({ event: "room_add", type: "t", ...room }))).toEqual({
      eventType: 12,
      data,
      ...fine,
    });
    expect(sent(goroomserver.event({ event: "room_remove", reason: "x", ...room }))).toEqual({
      eventType: 13,
      data,
      ...fine,
    });
    const user = { id: "u1", name: "ann" };
    expect(goroomserver.event({ event: "join", room: "m1", user })).toBeUndefined();
    expect(goroomserver.event({ event: "leave", room: "m1", user })).toBeUndefined();
  });

  test("[P119] a failure repeats the request as the client wrote it", () => {
    const request = goroomserver.decode(frame(6, { username: "ann" }));
    // Its errors have no place for data.
    const refusal = { code: "login_refused", message: "Wrong token.", data: "5" };
    expect(sent(goroomserver.fail(request, refusal))).toEqual({
      eventType: 6,
      data: { username: "ann", roomName: "", appName: "test" },
      code: 500,
      error: { code: 3, message: "Wrong token." },
    });
    const joining = goroomserver.decode(frame(4, { roomName: "hall", seat: 3 }, "lobby"));
    expect(sent(goroomserver.fail(joining, { code: "room_full", message: "Full." })).data).toEqual({
      roomName: "hall",
      seat: 3,
      appName: "test",
    });
    const saying = goroomserver.decode(frame(11, { roomName: "hall", text: "hi" }, "lobby"));
    expect(sent(goroomserver.fail(saying, { code: "not_in_room", message: "Why." })).data).toEqual({
      roomName: "lobby",
      text: "hi",
      appName: "test",
    });
    const gone = goroomserver.decode(frame(2));
    expect(sent(goroomserver.fail(gone, { code: "internal", message: "Why." }))).toMatchObject({
      eventType: 2,
      error: { code: 11 },
    });
  });

  test("[P120] each of its error numbers is used", () => {
    const cases: [number, number, string][] = [
      [1, 6, "application_unavailable"],
      [2, 11, "not_logged_in"],
      [3, 6, "login_refused"],
      [3, 6, "name_taken"],
      [3, 6, "invalid_name"],
      [3, 6, "handler_failed"],
      [4, 6, "already_logged_in"],
      [5, 7, "handler_failed"],
      [6, 4, "invalid_name"],
      [7, 4, "room_not_found"],
      [8, 4, "already_in_room"],
      [9, 5, "not_in_room"],
      [9, 11, "not_in_room"],
      [10, 11, "no_handler"],
      [11, 2, "handler_failed"],
      [12, 4, "room_full"],
      [12, 4, "join_refused"],
      [12, 4, "wrong_password"],
      [12, 4, "handler_failed"],
      [13, 5, "handler_failed"],
      [500, 11, "handler_failed"],
      [500, 11, "rate_limited"],
      [500, 11, "constructor"],
    ];
    for (const [number, eventType, code] of cases) {
      expect([eventType, code, numberFor(frame(eventType, { roomName: "r" }, "r"), code)]).toEqual([
        eventType,
        code,
        number,
      ]);
    }
  });

  test("[P120] every code of ours has a number of its", () => {
    for (const code of Object.keys(errorCodes)) {
      for (const eventType of [2, 4, 5, 6, 7, 8, 9, 10, 11]) {
        const number = numberFor(frame(eventType, { roomName: "r" }), code);
        expect((number >= 1 && number <= 13) || (number === 500 && eventType === 11)).toBe(true);
      }
    }
  });
});
