import { describe, expect, test } from "bun:test";
import { FrameError } from "../../../src/protocol/codec.ts";
import { goroomserver } from "../../../src/protocol/goroomserver/codec.ts";

/** A client's frame as its Go client writes it: all four keys, always. */
const frame = (eventType: unknown, data: unknown = {}, roomName: unknown = "", appName: unknown = "test") =>
  JSON.stringify({ appName, roomName, eventType, data });

/** The answer to a frame that is none. */
function answerTo(text: string): unknown {
  try {
    goroomserver.decode(text);
  } catch (error) {
    if (error instanceof FrameError) return JSON.parse(goroomserver.fail(error, error) as string);
    throw error;
  }
  throw new Error(`It was taken: ${text}`);
}

describe("frames that are none", () => {
  const nowhere = { roomName: "", appName: "" };
  const inTest = { roomName: "", appName: "test" };
  const invalidEvent = { code: 10, message: "Invalid event provided" };
  const noApplication = { code: 1, message: "App name is invalid" };
  const noRoom = { code: 6, message: "Room name provided is invalid" };
  const noData = { code: 10, message: "Cannot read the frame: its data is not an object." };
  const answers: [string, string, number, object, object][] = [
    [
      "[P112] an unknown event",
      frame(99, { x: [1] }, "hall"),
      99,
      { x: [1], roomName: "hall", appName: "test" },
      invalidEvent,
    ],
    ["[P112] join app, which its server does not handle", frame(3), 3, inTest, invalidEvent],
    ["[P112] an event of the server", frame(12), 12, inTest, invalidEvent],
    ["[P112] an event that is text", frame("6", { x: 1 }), 0, { x: 1, ...inTest }, invalidEvent],
    ["[P112] an event with a fraction", frame(6.5), 0, inTest, invalidEvent],
    ["[P112] no event", '{"appName":"test"}', 0, inTest, invalidEvent],
    [
      "[P120] no application",
      frame(6, { username: "x" }, "", ""),
      6,
      { username: "x", ...nowhere },
      noApplication,
    ],
    [
      "[P120] an application that is a number",
      frame(11, {}, "", 5),
      11,
      { roomName: "", appName: 5 },
      noApplication,
    ],
    [
      "[P120] an application __proto__",
      frame(6, {}, "", "__proto__"),
      6,
      { roomName: "", appName: "__proto__" },
      noApplication,
    ],
    ["[P120] join without a room", frame(4, { password: "x" }), 4, { password: "x", ...inTest }, noRoom],
    ["[P120] leave a number", frame(5, { roomName: 7 }), 5, { roomName: 7, appName: "test" }, noRoom],
    [
      "[P120] a message to __proto__",
      frame(11, { text: "hi" }, "__proto__"),
      11,
      { text: "hi", roomName: "__proto__", appName: "test" },
      noRoom,
    ],
    ["[P119] no JSON", "{", 0, nowhere, { code: 10, message: "Cannot read the frame: it is not JSON." }],
    [
      "[P119] an array",
      "[]",
      0,
      nowhere,
      { code: 10, message: "Cannot read the frame: it is an array, not an object." },
    ],
    [
      "[P110] data that is an array",
      frame(11, [], "hall"),
      11,
      { roomName: "hall", appName: "test" },
      noData,
    ],
    ["[P110] data that is text", frame(6, "x"), 6, inTest, noData],
    [
      "[P21] 1e400",
      '{"eventType":11,"appName":"test","data":{"n":1e400}}',
      11,
      inTest,
      { code: 10, message: "Cannot read the frame: it holds a number that is too large." },
    ],
    [
      "[P22] half a surrogate pair for a name",
      '{"eventType":4,"appName":"\\ud800","roomName":"hall"}',
      4,
      { roomName: "hall", appName: "" },
      { code: 10, message: "Cannot read the frame: it holds half a surrogate pair." },
    ],
    [
      "[P23] __proto__",
      '{"eventType":4,"data":{"__proto__":{}}}',
      4,
      nowhere,
      { code: 10, message: 'Cannot read the frame: it has a key "__proto__".' },
    ],
    [
      "[P24] ten thousand arrays in each other",
      `{"eventType":11,"appName":"test","data":{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}}`,
      11,
      inTest,
      { code: 10, message: "Cannot read the frame: it is nested deeper than 64 levels." },
    ],
    [
      "[P24] twenty thousand keys",
      `{"eventType":11,"appName":"test","data":[${Array.from({ length: 20_000 }, (_, n) => `{"k${n}":1}`)}]}`,
      0,
      nowhere,
      {
        code: 10,
        message: "Cannot read the frame: it has more than 16384 keys, and numbers with an exponent.",
      },
    ],
    [
      "[P96] too large",
      frame(11, { text: "x".repeat(1_100_000) }),
      0,
      nowhere,
      { code: 10, message: "Cannot read the frame: it has more than 1048576 bytes." },
    ],
  ];
  for (const [name, text, eventType, data, error] of answers) {
    test(name, () => expect(answerTo(text)).toEqual({ eventType, data, code: 500, error }));
  }
});
