import { describe, expect, test } from "bun:test";
import { bytesOfText, isBytes, textOfBytes } from "../../../src/protocol/bytes.ts";
import { FrameError } from "../../../src/protocol/codec.ts";
import { goroomserver } from "../../../src/protocol/goroomserver/codec.ts";
import { hotroom } from "../../../src/protocol/hotroom/codec.ts";

const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const header = '{"event":"message","id":7,"room":"r","type":"ink"}';

/** A binary frame of a header, a zero byte and bytes. */
function frame(header: string | Uint8Array, ...bytes: (number | Uint8Array)[]): Uint8Array {
  const rest = bytes.map((part) => Buffer.from(typeof part === "number" ? [part] : part));
  return new Uint8Array(Buffer.concat([Buffer.from(header as string), ...rest]));
}

/** What `decodeBinary` throws. */
function refusal(bytes: Uint8Array, limit?: number): FrameError {
  try {
    hotroom.decodeBinary(bytes, limit);
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
  throw new Error("It was taken.");
}

test("bytes are text in the server, and the same bytes again", () => {
  const long = new Uint8Array(100_003).map((_, at) => at * 7);
  for (const bytes of [new Uint8Array(0), every, long]) {
    expect(isBytes(textOfBytes(bytes))).toBe(true);
    expect(bytesOfText(textOfBytes(bytes))).toEqual(bytes as Uint8Array<ArrayBuffer>);
  }
  for (const json of ['"\\u0000"', "null", "{}"]) expect(isBytes(json)).toBe(false);
});

describe("binary frames of clients", () => {
  test("[P150] have the bytes behind a header and a zero byte", () => {
    const request = { event: "message", id: 7, room: "r", type: "ink" };
    expect(hotroom.decodeBinary(frame(header, 0, every))).toMatchObject({ ...request, data: every });
    expect(hotroom.decodeBinary(frame(header, 0))).toMatchObject({ ...request, data: new Uint8Array(0) });
    const told = frame('{"event":"message","type":"ink","seen":12}', 0, 0, 0);
    expect(hotroom.decodeBinary(told)).toMatchObject({ seen: 12, data: new Uint8Array(2) });
  });

  const refused: [string, Uint8Array, string, string | number | undefined][] = [
    ["no zero byte", frame(header), "no zero byte", 7],
    ["nothing at all", frame(""), "no zero byte", undefined],
    ["a zero byte alone", frame("", 0, 1, 2), "it is empty", undefined],
    ["a text frame", frame('{"event":"ping","id":3}'), "no zero byte", 3],
    ["a header with data", frame(`${header.slice(0, -1)},"data":1}`, 0, 1), "its header has data", 7],
    [
      "a header with data that is null",
      frame(`${header.slice(0, -1)},"data":null}`, 0),
      "header has data",
      7,
    ],
    [
      "a header that is too long",
      frame(`${header}${" ".repeat(2048)}`, 0, 1),
      "more than 2048 bytes",
      undefined,
    ],
    [
      "a header without an end",
      frame(header, new Uint8Array(5000).fill(0x20)),
      "more than 2048 bytes",
      undefined,
    ],
    ["brackets without an end", frame("[".repeat(2048), 0), "it is not JSON", undefined],
    [
      "a header that is not UTF-8",
      frame('{"event":"', 0xff, 0xfe, Buffer.from('"}'), 0),
      "is not UTF-8",
      undefined,
    ],
    ["a header that is no object", frame("[1]", 0, 1), "it is an array", undefined],
    ["a login", frame('{"event":"login","id":2}', 0, 1), "only a message may be, not a login", 2],
    ["an unknown event", frame('{"event":"x","id":2}', 0, 1), "there is no event", 2],
  ];
  test.each(refused)("[P151] are refused with %s", (_, bytes, why, id) => {
    const { code, message, id: told } = refusal(bytes);
    expect({ code, id: told }).toEqual({ code: "bad_frame", id });
    expect(message).toContain(why);
  });

  test("[P151] that are too large are not read, but for their id", () => {
    const large = frame(header, 0, new Uint8Array(100));
    const late = frame(`{"event":"message","type":"t","a":1,"id":5}`, 0, new Uint8Array(100));
    for (const [bytes, id] of [
      [large, 7],
      [late, undefined],
    ] as const)
      expect(refusal(bytes, 100)).toMatchObject({ code: "too_large", id });
  });
});

test("[P152] what the server sends of bytes is a binary frame, with the number last", () => {
  const data = textOfBytes(every);
  const event = hotroom.event({ event: "message", room: "r", type: "ink", data }, 5) as Uint8Array;
  expect(event).toEqual(frame('{"event":"message","room":"r","type":"ink","seq":5}', 0, every));
  const reply = hotroom.reply({ event: "message", id: "ü" }, data) as Uint8Array;
  expect(reply).toEqual(frame('{"id":"ü","ok":true}', 0, every));
  const nothing = hotroom.event({ event: "message", type: "ink", data: textOfBytes(new Uint8Array(0)) });
  expect(nothing).toEqual(frame('{"event":"message","type":"ink"}', 0));
});

test("[P153] goroomserver's clients get bytes as Go writes them in JSON, and send frames as binary that are text", () => {
  const sent = goroomserver.event({ event: "message", type: "ink", data: textOfBytes(every) });
  const { data } = JSON.parse(sent as string);
  expect(data).toEqual({ type: "ink", data: Buffer.from(every).toString("base64") });
  const text = '{"eventType":11,"appName":"a","roomName":"r","data":{"type":"t"}}';
  expect(goroomserver.decodeBinary(Buffer.from(text))).toMatchObject({ event: "message", type: "t" });
  expect(() => goroomserver.decodeBinary(frame(text, 0, 1))).toThrow("it is not JSON");
  expect(() => goroomserver.decodeBinary(every)).toThrow("it is binary and not UTF-8");
});
