import { describe, expect, test } from "bun:test";
import type { Decoder, Request } from "../../../src/protocol/codec.ts";
import { hotroom } from "../../../src/protocol/hotroom/codec.ts";
import { Repeats } from "../../../src/protocol/hotroom/repeats.ts";

const head = '{"event":"message","room":"r","type":"say","data":';

/** A decoder that has heard `frame` twice, and how many frames it has handed on since. */
function after(frame: string) {
  let passed = 0;
  const repeats = new Repeats({
    decode(text, limit) {
      passed++;
      return hotroom.decode(text, limit);
    },
  });
  repeats.decode(frame);
  repeats.decode(frame);
  passed = 0;
  return { repeats, passed: () => passed };
}

/** The request, or what is wrong with the frame. */
function resultOf(decoder: Decoder, frame: string, limit?: number): Request | object {
  try {
    return decoder.decode(frame, limit);
  } catch (error) {
    const { name, code, message, id, event } = error as Record<string, unknown>;
    return { name, code, message, id, event };
  }
}

describe("a frame that begins as the two before", () => {
  test.each(["1", '{"text":"hi"}', ' [1, "}"]\n', '"😀"', "null", `${"[".repeat(64)}${"]".repeat(64)}`])(
    "is read from its data on: %s",
    (data) => {
      const { repeats, passed } = after(`${head}{}}`);
      expect(resultOf(repeats, `${head}${data}}`)).toEqual(resultOf(hotroom, `${head}${data}}`));
      expect(passed()).toBe(0);
    },
  );

  test("is read so without a room, too", () => {
    const { repeats, passed } = after('{"event":"message","type":"time","data":1}');
    expect(repeats.decode('{"event":"message","type":"time","data":2}')).toEqual({
      event: "message",
      type: "time",
      data: 2,
    });
    expect(passed()).toBe(0);
  });

  test.each([
    ["[P13] a key that comes again", '1,"data":2}'],
    ["[P13] another room", '1,"room":"other"}'],
    ["[P16] an id", '1,"id":5}'],
    ["another event", '1,"event":"ping"}'],
    ["[P12] a key that nobody knows", '{},"more":{}}'],
    ["whitespace behind", "1} "],
    ["no brace behind", "1"],
    ["another end", "1]"],
    ["two values", "1 2}"],
    ["nothing", "}"],
    ["[P21] a number that is too large", "1e400}"],
    ["[P22] half a surrogate pair", '"\\ud800"}'],
    ["[P23] a prototype", '{"a":{"__proto__":1}}}'],
    ["[P24] 65 levels", `${"[".repeat(65)}${"]".repeat(65)}}`],
    ["[P96] too many bytes", `"${"é".repeat(600_000)}"}`],
  ])("is left to the codec where it has %s", (_, rest) => {
    const { repeats, passed } = after(`${head}{}}`);
    expect(resultOf(repeats, head + rest)).toEqual(resultOf(hotroom, head + rest));
    expect(passed()).toBe(1);
  });
});

test("the limit of a frame is the connection's own", () => {
  const { repeats } = after(`${head}1}`);
  const frame = `${head}"${"x".repeat(100)}"}`;
  expect(resultOf(repeats, frame, 100)).toEqual(resultOf(hotroom, frame, 100));
  expect(resultOf(repeats, frame, 1000)).toEqual(resultOf(hotroom, frame, 1000));
});

test("nothing is remembered of a frame with an id, of another form, or of another room", () => {
  for (const frame of [
    '{"event":"message","room":"r","type":"say","id":1,"data":1}',
    '{"event": "message", "room": "r", "type": "say", "data": 1}',
    '{"data":1,"event":"message","room":"r","type":"say"}',
    '{"event":"message","room":"r","type":"say"}',
    '{"event":"message","room":"\\u0072","type":"say","data":1}',
  ]) {
    const { repeats, passed } = after(frame);
    expect(resultOf(repeats, frame)).toEqual(resultOf(hotroom, frame));
    expect(passed()).toBe(1);
  }
  const { repeats, passed } = after(`${head}1}`);
  const other = `${head.replace('"r"', '"s"')}1}`;
  for (const frame of [other, `${head}1}`, other]) {
    expect(repeats.decode(frame)).toEqual(hotroom.decode(frame));
  }
  expect(passed()).toBe(3);
});
