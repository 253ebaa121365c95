import { describe, expect, test } from "bun:test";
import { type Codec, type Decoder, FrameError, type Request } from "../../src/protocol/codec.ts";
import { goroomserver } from "../../src/protocol/goroomserver/codec.ts";
import { hotroom } from "../../src/protocol/hotroom/codec.ts";
import { isName } from "../../src/protocol/names.ts";

/** mulberry32: the same numbers for a seed on every machine. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Sound frames of each wire. */
const seeds: { readonly [wire: string]: readonly string[] } = {
  "hotroom.v1": [
    '{"event":"login","id":1,"data":{"name":"ann","list":[1,2.5,-3e2,true,null]}}',
    '{"event":"create","id":"c","room":"m1","data":{"type":"match","password":"x"}}',
    '{"event":"message","id":9,"room":"lobby","type":"say","data":{"text":"h\\u00e9 \\ud83d\\ude00","n":123}}',
    '{"event":"message","type":"time"}',
    '{"event":"subscribe","room":"a b"}',
    '{"event":"ping","id":7,"unknown":{"deep":[[[]]]}}',
    '{"event":"message","room":"lobby","type":"say","data":{"text":"hi","list":[1,{"deep":null}]}}',
  ],
  goroomserver: [
    '{"appName":"test","roomName":"lobby","eventType":11,"data":{"type":"say","text":"h\\u00e9 \\ud83d\\ude00"}}',
    '{"appName":"test","roomName":"","eventType":4,"data":{"roomName":"lobby"}}',
    '{"appName":"test","eventType":6,"data":{"username":"ann","list":[1,2.5,-3e2,true,null]}}',
    '{"appName":"test","roomName":null,"eventType":7,"data":null}',
  ],
};
// Pieces that are likely to change what a frame means, and not only to break its syntax.
const pieces = [
  ...'"\\{}[]:,-e0.\0\n \ud800\ufeffé😀',
  ...["null", "true", "{}", "[[[[", "]]]]", "1e400", "9".repeat(30), "[".repeat(70) + "]".repeat(70)],
  ...["__proto__", "constructor", "\\ud800", "\\udc00", "\\u005f"],
  ...['"id":{},', '"id":0,', '"id":"x",', '"room":null,', '"room":"r",', '"type":[],', '"data":1,'],
  ...['"event":"ping",', '"eventType":5,', '"__proto__":{"event":"ping"},'],
];

function pick(codec: Codec, random: (below: number) => number): string {
  const own = seeds[codec.name] ?? [];
  return own[random(own.length)] as string;
}

function mutate(text: string, random: (below: number) => number): string {
  const at = random(text.length + 1);
  const length = random(8);
  switch (random(5)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length);
    case 1:
      return (
        text.slice(0, at) + String.fromCharCode(random(random(2) === 0 ? 128 : 65_536)) + text.slice(at + 1)
      );
    case 2:
      return text.slice(0, at) + text.slice(random(text.length + 1));
    case 3: {
      // After a comma or an opening brace a whole member has a chance to be taken.
      const places = [...text.matchAll(/[{,]/g)].map((place) => place.index + 1);
      const place = places[random(Math.max(1, places.length))] ?? at;
      return text.slice(0, place) + pieces[random(pieces.length)] + text.slice(place);
    }
    default:
      return text.slice(0, at) + pieces[random(pieces.length)] + text.slice(at + length);
  }
}

/** Fails where a request holds what the core relies on not to be there. */
function checkRequest(request: Request): void {
  const { id, room, type, data } = request;
  if (id !== undefined && typeof id !== "string" && !Number.isSafeInteger(id)) throw new Error("id");
  if (room !== undefined && !isName(room)) throw new Error("room");
  if (type !== undefined && !isName(type)) throw new Error("type");
  if (request.event === "message" && type === undefined) throw new Error("a message without a type");
  if (["create", "join", "leave", "subscribe", "unsubscribe"].includes(request.event) && room === undefined) {
    throw new Error("no room");
  }
  if (data === undefined) return;
  const text = JSON.stringify(data);
  if (!text.isWellFormed() || /\\ud[89a-f]|"__proto__":/i.test(text)) throw new Error("hostile data");
  if (JSON.stringify(JSON.parse(text)) !== text) throw new Error("data that JSON does not carry back");
  if (depthOf(data) > 64) throw new Error("deep data");
}

function depthOf(value: unknown): number {
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error("a number that is not finite");
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** Decodes; returns what became of it. Anything but a request or a FrameError is thrown on, with the frame. */
function feed(codec: Codec, frame: string): "request" | "error" {
  try {
    const request = codec.decode(frame);
    checkRequest(request);
    for (const answer of [
      codec.reply(request, '{"user":{"id":"u1","name":"ann"}}'),
      codec.fail(request, { code: "busy", message: "Why." }),
    ]) {
      if (answer !== undefined) JSON.parse(answer as string);
    }
    return "request";
  } catch (error) {
    if (!(error instanceof FrameError)) throw new Error(`${codec.name}: ${JSON.stringify(frame)}: ${error}`);
    const answer = codec.fail(error, error);
    if (answer === undefined || !answer.isWellFormed())
      throw new Error(`${codec.name}: ${JSON.stringify(frame)}`);
    JSON.parse(answer);
    return "error";
  }
}

describe.each([hotroom, goroomserver])("$name", (codec) => {
  test("[P11] whatever becomes of a frame, it is a request or is answered with an error", () => {
    const random = randomOf(20_240_607);
    const count = { request: 0, error: 0 };
    for (let round = 0; round < 20_000; round++) {
      let frame = pick(codec, random);
      for (let changes = 1 + random(4); changes > 0; changes--) frame = mutate(frame, random);
      count[feed(codec, frame)]++;
    }
    // Both ways are well trodden, or the mutations would show nothing.
    expect(count.request).toBeGreaterThan(500);
    expect(count.error).toBeGreaterThan(500);
  });

  test("[P20] what was decoded, written again, is decoded to the same", () => {
    const random = randomOf(7);
    let checked = 0;
    for (let round = 0; round < 5000; round++) {
      const frame = mutate(pick(codec, random), random);
      let request: Request;
      try {
        request = codec.decode(frame);
      } catch {
        continue;
      }
      expect(codec.decode(JSON.stringify(JSON.parse(frame)))).toEqual(request);
      checked++;
    }
    expect(checked).toBeGreaterThan(500);
  });

  test("a connection's decoder gives what the codec gives, whatever came before", () => {
    const random = randomOf(99);
    const decoder = codec.decoder();
    const own = seeds[codec.name] ?? [];
    const result = (each: Decoder, frame: string) => {
      try {
        return each.decode(frame);
      } catch (error) {
        const { code, message, id } = error as FrameError;
        return { code, message, id };
      }
    };
    for (let round = 0; round < 20_000; round++) {
      // Mostly the same again, or there would be nothing to remember.
      const seed = random(20) === 0 ? pick(codec, random) : (own.at(-1) as string);
      const frame = random(3) === 0 ? mutate(seed, random) : seed;
      expect(result(decoder, frame)).toEqual(result(codec, frame));
    }
  });
});
