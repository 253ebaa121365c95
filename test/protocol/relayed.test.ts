/** Messages that the server passes on, as frames of both wires. */
import { expect, test } from "bun:test";
import { bytesOfText, textOfBytes } from "../../src/protocol/bytes.ts";
import { goroomserver } from "../../src/protocol/goroomserver/codec.ts";
import { hotroom } from "../../src/protocol/hotroom/codec.ts";

const relayed = (data?: string) => ({ event: "relay" as const, room: "bay", type: "ink", from: "u1", data });
const bytes = textOfBytes(new Uint8Array([0, 1, 255]));

test("[P170, P174] a message that is passed on has its sender in the data, and a number where it is kept", () => {
  const head = '{"event":"message","room":"bay","type":"ink","data":{"from":"u1"';
  expect(hotroom.event(relayed(), 3)).toBe(`${head}},"seq":3}`);
  expect(hotroom.event(relayed("null"), 3)).toBe(`${head},"data":null},"seq":3}`);
  expect(hotroom.event(relayed('{"x":1}'))).toBe(`${head},"data":{"x":1}}}`);
});

test("[P173] bytes have it in their header", () => {
  const frame = Buffer.from(hotroom.event(relayed(bytes), 3) as Uint8Array);
  const header = '{"event":"message","room":"bay","type":"ink","from":"u1","seq":3}';
  expect(frame).toEqual(Buffer.concat([Buffer.from(header), bytesOfText(`\0${bytes}`)]));
});

test("[P117, P170] on goroomserver's wire it is a message like others, with bytes in base64", () => {
  const sent = (data?: string) => JSON.parse(goroomserver.event(relayed(data)) as string);
  const place = { type: "ink", roomName: "bay", from: "u1" };
  expect(sent('{"type":"x","roomName":"y"}')).toEqual({
    eventType: 11,
    data: { ...place, data: { type: "x", roomName: "y" } },
    code: 200,
    error: { code: 0, message: "" },
  });
  expect(sent().data).toEqual(place);
  expect(sent(bytes).data).toEqual({ ...place, data: "AAH/" });
});
