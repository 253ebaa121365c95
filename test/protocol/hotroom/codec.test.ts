import { describe, expect, test } from "bun:test";
import { FrameError, type Request } from "../../../src/protocol/codec.ts";
import { DEFAULT_FRAME_BYTES } from "../../../src/protocol/frame.ts";
import { hotroom } from "../../../src/protocol/hotroom/codec.ts";

/** What `decode` throws. */
function refusal(frame: string, limit?: number): FrameError {
  try {
    hotroom.decode(frame, limit);
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
  throw new Error(`It was taken: ${frame.slice(0, 200)}`);
}

/** A frame that is sound but for its data. */
const withData = (data: string) => `{"event":"message","id":9,"room":"r","type":"t","data":${data}}`;
const nested = (levels: number, open = "[", close = "]") => open.repeat(levels) + close.repeat(levels);
/** Objects of one key each, all of them different. */
const keys = (count: number) => `[${Array.from({ length: count }, (_, n) => `{"k${n}":":"}`)}]`;
const objects = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;

describe("frames that are understood", () => {
  const taken: [string, string, Request][] = [
    [
      "[P14] login",
      '{"event":"login","id":1,"data":{"name":"ann"}}',
      { event: "login", id: 1, data: { name: "ann" } },
    ],
    ["[P14] logout", '{"event":"logout"}', { event: "logout" }],
    [
      "[P14] create",
      '{"event":"create","id":"c","room":"m1","data":{"type":"match"}}',
      { event: "create", id: "c", room: "m1", data: { type: "match" } },
    ],
    ["[P14] join", '{"event":"join","room":"a b","data":null}', { event: "join", room: "a b", data: null }],
    ["[P14] leave", '{"event":"leave","id":0,"room":"r"}', { event: "leave", id: 0, room: "r" }],
    ["[P14] subscribe", '{"event":"subscribe","room":"r"}', { event: "subscribe", room: "r" }],
    ["[P14] unsubscribe", '{"event":"unsubscribe","room":"r"}', { event: "unsubscribe", room: "r" }],
    [
      "[P14] reconnect",
      '{"event":"reconnect","data":{"session":"x"}}',
      { event: "reconnect", data: { session: "x" } },
    ],
    ["[P14] rooms", '{"event":"rooms","data":{"live":true}}', { event: "rooms", data: { live: true } }],
    ["[P14] ping", '{"event":"ping","id":-1}', { event: "ping", id: -1 }],
    [
      "[P19] a message in a room",
      withData("[1]"),
      { event: "message", id: 9, room: "r", type: "t", data: [1] },
    ],
    ["[P19] a message without a room", '{"event":"message","type":"t"}', { event: "message", type: "t" }],
    ["[P19] room and type where they mean nothing", '{"event":"ping","room":7,"type":[]}', { event: "ping" }],
    ["[P10] whitespace", ' \r\n\t{ "event" : "ping" } \n', { event: "ping" }],
    ["[P12] unknown keys", '{"event":"ping","x":1,"constructor":{"y":2},"ok":true}', { event: "ping" }],
    ["[P13] keys twice", '{"event":"login","event":"ping","id":{},"id":2}', { event: "ping", id: 2 }],
    [
      "[P15] the largest integer",
      '{"event":"ping","id":9007199254740991}',
      { event: "ping", id: 9007199254740991 },
    ],
    ["[P15] an integer in another form", '{"event":"ping","id":1.0e2}', { event: "ping", id: 100 }],
    [
      "[P15] 64 characters of two units",
      `{"event":"ping","id":"${"😀".repeat(64)}"}`,
      { event: "ping", id: "😀".repeat(64) },
    ],
    [
      "[P30] a name that objects inherit",
      '{"event":"join","room":"constructor"}',
      { event: "join", room: "constructor" },
    ],
    [
      "[P22] a pair by escapes",
      withData('"\\ud83d\\ude00"'),
      { event: "message", id: 9, room: "r", type: "t", data: "😀" },
    ],
    ["[P21] a small exponent", '{"event":"ping","data":[1e-400,1e308]}', { event: "ping", data: [0, 1e308] }],
    ["[P26] U+2028", withData('"\u2028"'), { event: "message", id: 9, room: "r", type: "t", data: "\u2028" }],
    [
      "[P23] keys like the one",
      withData('{"_proto_":1,"constructor":{"prototype":1},"x":"__proto__"}'),
      {
        event: "message",
        id: 9,
        room: "r",
        type: "t",
        data: { _proto_: 1, constructor: { prototype: 1 }, x: "__proto__" },
      },
    ],
  ];
  test.each(taken)("%s", (_, frame, request) => {
    expect(hotroom.decode(frame)).toEqual(request);
  });

  test("[P24] data nested 64 levels", () => {
    expect(hotroom.decode(withData(nested(64))).event).toBe("message");
    expect(hotroom.decode(withData(objects(64))).event).toBe("message");
    expect(hotroom.decode(withData(`[${"[],".repeat(5000)}[]]`)).event).toBe("message");
  });

  test("[P24] 16,384 keys", () => {
    expect(hotroom.decode(withData(keys(16_379))).event).toBe("message");
    expect(hotroom.decode(withData(`["${"::,1e9".repeat(20_000)}",${"true,".repeat(65_530)}1]`)).id).toBe(9);
  });

  test("[P96] a frame of 1,048,576 bytes, whatever its characters", () => {
    for (const character of ["a", "é", "名", "😀"]) {
      const room = DEFAULT_FRAME_BYTES - Buffer.byteLength(withData('""'));
      const count = Math.floor(room / Buffer.byteLength(character));
      const frame = withData(`"${character.repeat(count)}"`);
      expect(hotroom.decode(frame).id).toBe(9);
      expect(
        refusal(`${frame}${" ".repeat(DEFAULT_FRAME_BYTES + 1 - Buffer.byteLength(frame))}`),
      ).toMatchObject({
        code: "too_large",
      });
    }
  });
});

describe("hostile frames", () => {
  const hostile: [string, string, string, (string | number)?][] = [
    ["[P10] empty", "", "bad_frame"],
    ["[P10] whitespace alone", " \n", "bad_frame"],
    ["[P10] no JSON", "hello", "bad_frame"],
    ["[P10] cut off", '{"event":"ping","id":1', "bad_frame"],
    ["[P10] two values", '{"event":"ping"}{"event":"ping"}', "bad_frame"],
    ["[P10] a trailing comma", '{"event":"ping",}', "bad_frame"],
    ["[P10] single quotes", "{'event':'ping'}", "bad_frame"],
    ["[P10] a byte order mark", '\ufeff{"event":"ping"}', "bad_frame"],
    ["[P10] NaN", '{"event":"ping","data":NaN}', "bad_frame"],
    ["[P10] a raw control character", '{"event":"ping","data":"a\nb"}', "bad_frame"],
    ["[P10] a raw NUL", '{"event":"ping"}\0', "bad_frame"],
    ["[P10] null", "null", "bad_frame"],
    ["[P10] an array", '[{"event":"ping","id":1}]', "bad_frame"],
    ["[P10] a string", '"ping"', "bad_frame"],
    ["[P10] a number", "17", "bad_frame"],
    ["[P10] true", "true", "bad_frame"],
    ["[P14] no event", '{"id":1}', "bad_frame", 1],
    ["[P14] an empty event", '{"event":"","id":1}', "bad_frame", 1],
    ["[P14] an event that is a number", '{"event":6,"id":1}', "bad_frame", 1],
    ["[P14] an event that is an object", '{"event":{"toString":"ping"},"id":1}', "bad_frame", 1],
    ["[P14] an unknown event", '{"event":"shutdown","id":"x"}', "bad_frame", "x"],
    ["[P14] an event of another case", '{"event":"Ping","id":1}', "bad_frame", 1],
    ["[P14] an event of the server", '{"event":"room_add","id":1,"room":"r","type":"t"}', "bad_frame", 1],
    ["[P14] an event that objects inherit", '{"event":"constructor","id":1}', "bad_frame", 1],
    ["[P14] the event __proto__", '{"event":"__proto__","id":1}', "bad_frame", 1],
    ["[P15] an id that is an object", '{"event":"ping","id":{}}', "bad_frame"],
    ["[P15] an id that is an array", '{"event":"ping","id":[1]}', "bad_frame"],
    ["[P15] an id that is null", '{"event":"ping","id":null}', "bad_frame"],
    ["[P15] an id that is true", '{"event":"ping","id":true}', "bad_frame"],
    ["[P15] an empty id", '{"event":"ping","id":""}', "bad_frame"],
    ["[P15] an id with a fraction", '{"event":"ping","id":1.5}', "bad_frame"],
    ["[P15] an id past 2^53 - 1", '{"event":"ping","id":9007199254740992}', "bad_frame"],
    ["[P15] an id of 1e400", '{"event":"ping","id":1e400}', "bad_frame"],
    ["[P15] an id of 65 characters", `{"event":"ping","id":"${"x".repeat(65)}"}`, "bad_frame"],
    ["[P15] an id of 65 characters of two units", `{"event":"ping","id":"${"😀".repeat(65)}"}`, "bad_frame"],
    ["[P15] half a surrogate pair as id", '{"event":"ping","id":"\\ud800"}', "bad_frame"],
    ["[P19] no room", '{"event":"join","id":1}', "bad_frame", 1],
    ["[P19] a room that is null", '{"event":"join","id":1,"room":null}', "bad_frame", 1],
    ["[P19] a room that is a number", '{"event":"message","id":1,"room":5,"type":"t"}', "bad_frame", 1],
    ["[P19] a room that is an array", '{"event":"leave","id":1,"room":["r"]}', "bad_frame", 1],
    ["[P19] no type", '{"event":"message","id":1,"room":"r"}', "bad_frame", 1],
    ["[P19] a type that is an object", '{"event":"message","id":1,"type":{}}', "bad_frame", 1],
    ["[P19] an empty room", '{"event":"join","id":1,"room":""}', "invalid_name", 1],
    ["[P19] the room __proto__", '{"event":"join","id":1,"room":"__proto__"}', "invalid_name", 1],
    ["[P19] the type __proto__", '{"event":"message","id":1,"type":"__proto__"}', "invalid_name", 1],
    [
      "[P19] a room of 65 characters",
      `{"event":"create","id":1,"room":"${"r".repeat(65)}"}`,
      "invalid_name",
      1,
    ],
    ["[P21] 1e400", withData("1e400"), "bad_frame", 9],
    ["[P21] -1e400", withData("[[-1e400]]"), "bad_frame", 9],
    ["[P21] 1E+0000400", withData('{"a":1E+0000400}'), "bad_frame", 9],
    ["[P21] 309 nines", withData("9".repeat(309)), "bad_frame", 9],
    ["[P21] many digits and a short exponent", withData(`${"9".repeat(220)}e99`), "bad_frame", 9],
    ["[P21] a fraction and an exponent", withData("123.5e307"), "bad_frame", 9],
    ["[P22] a high surrogate by escape", withData('"\\ud800"'), "bad_frame", 9],
    ["[P22] a low surrogate by escape", withData('["\\uDFFF"]'), "bad_frame", 9],
    ["[P22] two high surrogates", withData('"\\ud83d\\ud83d\\ude00"'), "bad_frame", 9],
    ["[P22] half a pair in a key", withData('{"\\udc00":1}'), "bad_frame", 9],
    ["[P22] half a pair as it is", withData('"\ud800"'), "bad_frame", 9],
    ["[P23] a key __proto__", withData('{"__proto__":{"admin":true}}'), "bad_frame", 9],
    ["[P23] deep inside", withData('[[{"a":[{"__proto__":1}]}]]'), "bad_frame", 9],
    ["[P23] with an escaped underscore", withData('{"\\u005f_proto__":1}'), "bad_frame", 9],
    ["[P23] with an escaped letter", withData('{"__\\u0070roto__":1}'), "bad_frame", 9],
    [
      "[P23] all escaped",
      withData('{"\\u005f\\u005f\\u0070\\u0072\\u006f\\u0074\\u006f\\u005f\\u005f":1}'),
      "bad_frame",
      9,
    ],
    ["[P24] 65 arrays", withData(nested(65)), "bad_frame", 9],
    ["[P24] 65 objects", withData(objects(65)), "bad_frame", 9],
    ["[P24] 30,000 arrays", withData(nested(30_000)), "bad_frame", 9],
    ["[P24] 16,385 keys", withData(keys(16_380)), "bad_frame", 9],
    ["[P24] 16,385 keys and exponents", withData(`[${"1e-300,".repeat(16_380)}1]`), "bad_frame", 9],
    ["[P24] 65,537 values", withData(`[${"[],".repeat(65_533)}1]`), "bad_frame", 9],
    ["[P18] 60,000 arrays without an end", withData(nested(60_000, "[", "")), "bad_frame", 9],
    [
      "[P18] an id behind 30,000 arrays",
      `{"data":${nested(30_000)},"id":9,"event":"ping"}`,
      "bad_frame",
      undefined,
    ],
    [
      "[P25] __proto__ beside the event",
      '{"event":"ping","id":9,"__proto__":{"event":"login"}}',
      "bad_frame",
      9,
    ],
    ["[P25] 1e400 in a key that is ignored", '{"event":"ping","id":9,"x":1e400}', "bad_frame", 9],
    ["[P25] depth in a key that is ignored", `{"event":"ping","id":9,"x":${nested(65)}}`, "bad_frame", 9],
    [
      "[P18] too large, with an id in front",
      `{"event":"ping","id":9,"data":"${"x".repeat(1_100_000)}"}`,
      "too_large",
      9,
    ],
    [
      "[P18] too large, with an id after names",
      ` { "id" : "é" , "data":"${"x".repeat(1_100_000)}"}`,
      "too_large",
      "é",
    ],
    [
      "[P18] too large, with an id behind",
      `{"event":"ping","data":"${"x".repeat(1_100_000)}","id":9}`,
      "too_large",
    ],
    [
      "[P18] too large, with an id in data",
      `{"event":"ping","data":{"id":9,"x":"${"x".repeat(1_100_000)}"}}`,
      "too_large",
    ],
    [
      "[P18] too large, with a bad id",
      `{"event":"ping","id":1.5,"data":"${"x".repeat(1_100_000)}"}`,
      "too_large",
    ],
    ["[P96] too large and no JSON", "{".repeat(1_100_000), "too_large"],
  ];
  for (const [name, frame, code, id] of hostile) {
    test(name, () => {
      const error = refusal(frame);
      expect({ code: error.code, id: error.id }).toEqual({ code: code as FrameError["code"], id });
      expect(error.message).toMatch(/^Cannot .*\.$/);
      expect(error.message.length).toBeLessThan(400);
      const answer = JSON.parse(hotroom.fail(error, error) as string);
      const shown = { code, message: error.message };
      expect(answer).toEqual(
        id === undefined ? { event: "error", error: shown } : { id, ok: false, error: shown },
      );
    });
  }

  test("[P96] another limit may be given", () => {
    expect(refusal('{"event":"ping","id":1}', 10).message).toBe(
      "Cannot read the frame: it has more than 10 bytes.",
    );
    expect(hotroom.decode(withData(`"${"x".repeat(1_100_000)}"`), 1_200_000).id).toBe(9);
  });

  test("a message says what is wrong, and shows of the client's text only a part", () => {
    expect(refusal('{"event":"jion"}').message).toBe('Cannot read the frame: there is no event "jion".');
    expect(refusal('{"event":"join"}').message).toBe("Cannot join: the frame has no room.");
    expect(refusal(`{"event":"${"x".repeat(5000)}"}`).message.length).toBeLessThan(150);
    expect(refusal('{"event":"ping","id":{}}').message).toStartWith(
      "Cannot read the frame: its id is an object; an id is",
    );
  });

  test("[P23] no prototype is changed by what was refused", () => {
    refusal(withData('{"__proto__":{"polluted":1}}'));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe("what the server sends", () => {
  const request: Request = { event: "join", id: 3, room: "r" };

  test("[P16] a reply has the id, and data only where there is some", () => {
    expect(hotroom.reply(request)).toBe('{"id":3,"ok":true}');
    expect(hotroom.reply(request, "null")).toBe('{"id":3,"ok":true,"data":null}');
    expect(hotroom.reply({ ...request, id: 'q"\u2028' }, '{ "a": 1 }')).toBe(
      '{"id":"q\\"\u2028","ok":true,"data":{ "a": 1 }}',
    );
  });

  test("[P17] a frame without an id gets nothing, or an error event with its room", () => {
    const error = { code: "room_full", message: 'Cannot join room "r": it is full (2 of 2).' };
    expect(hotroom.reply({ event: "join", room: "r" }, "{}")).toBeUndefined();
    expect(hotroom.fail(request, error)).toBe(
      '{"id":3,"ok":false,"error":{"code":"room_full","message":"Cannot join room \\"r\\": it is full (2 of 2)."}}',
    );
    expect(hotroom.fail({ event: "join", room: "r" }, error)).toBe(
      '{"event":"error","room":"r","error":{"code":"room_full","message":"Cannot join room \\"r\\": it is full (2 of 2)."}}',
    );
    expect(hotroom.fail({ event: "login" }, { code: "busy", message: "No." })).toBe(
      '{"event":"error","error":{"code":"busy","message":"No."}}',
    );
  });

  test("[P92] an error has data where a script has added some to its refusal", () => {
    const error = { code: "join_refused", message: "Too early.", data: '{"retryAfter":5}' };
    expect(hotroom.fail(request, error)).toBe(
      '{"id":3,"ok":false,"error":{"code":"join_refused","message":"Too early.","data":{"retryAfter":5}}}',
    );
    expect(hotroom.fail({ event: "message", room: "r", type: "t" }, { ...error, code: "refused" })).toBe(
      '{"event":"error","room":"r","error":{"code":"refused","message":"Too early.","data":{"retryAfter":5}}}',
    );
    expect(hotroom.fail(request, { ...error, data: undefined })).toBe(
      '{"id":3,"ok":false,"error":{"code":"join_refused","message":"Too early."}}',
    );
  });

  test("[P71] the data of a message goes out as the script wrote it", () => {
    const data = '{"n":1.0, "same":"\\u00e9"}';
    expect(hotroom.event({ event: "message", room: "a'b", type: "t", data })).toBe(
      `{"event":"message","room":"a'b","type":"t","data":${data}}`,
    );
    expect(hotroom.event({ event: "message", type: "t" })).toBe('{"event":"message","type":"t"}');
  });

  test("[P70] what is the server's own never reaches the wire", () => {
    expect(hotroom.event({ event: "room_add", room: "r", type: "t", application: "chat" })).toBe(
      '{"event":"room_add","room":"r","type":"t"}',
    );
    const user = { id: "u1", name: "ann", secret: "x" };
    expect(hotroom.event({ event: "join", room: "r", user })).toBe(
      '{"event":"join","room":"r","user":{"id":"u1","name":"ann"}}',
    );
  });

  test("reasons and messages with quotes, line ends and half pairs stay JSON", () => {
    const reason = 'a "quote"\n\ud800';
    const frame = hotroom.event({
      event: "leave",
      room: "r",
      user: { id: "u1", name: "ann" },
      reason,
    }) as string;
    expect(frame.isWellFormed()).toBe(true);
    expect(JSON.parse(frame).reason).toBe(reason);
  });
});
