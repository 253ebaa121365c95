import { expect, test } from "bun:test";
import { encodeFrame, type Frame, FrameReader, frameText, MAX_FRAME } from "../../src/process/frame.ts";

function concat(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function plain(frames: Frame[]): [number, number, string][] {
  return frames.map((frame) => [frame.kind, frame.id, frameText(frame)]);
}

const sent: [number, number, string][] = [
  [1, 0, ""],
  [3, 4_294_967_295, "grüße \u{1F600}"],
  [255, 7, "x".repeat(70_000)],
  [2, 1, ""],
];
const stream = concat(sent.map(([kind, id, text]) => encodeFrame(kind, id, text)));

test("frames come out as they went in, however the stream is cut", () => {
  for (const size of [1, 2, 3, 8, 9, 10, 11, 4096, 65_536, stream.length]) {
    const reader = new FrameReader();
    const frames: Frame[] = [];
    for (let at = 0; at < stream.length; at += size) frames.push(...reader.push(stream.slice(at, at + size)));
    expect(plain(frames)).toEqual(sent);
    expect(plain(reader.push(encodeFrame(1, 2, "next")))).toEqual([[1, 2, "next"]]);
  }
});

test("a frame that is not complete gives nothing until the rest of it comes", () => {
  const reader = new FrameReader();
  expect(reader.push(stream.subarray(0, 9 + 4))).toHaveLength(1);
  expect(plain(reader.push(stream.subarray(9 + 4)))).toEqual(sent.slice(1));
});

test("bytes are a payload too", () => {
  const [frame] = new FrameReader().push(encodeFrame(3, 1, new Uint8Array([0, 255, 128])));
  expect([...(frame?.payload ?? [])]).toEqual([0, 255, 128]);
});

test("a lone surrogate becomes U+FFFD and keeps the number of units", () => {
  const [frame] = new FrameReader().push(encodeFrame(3, 1, "a\ud800b"));
  expect(frame && frameText(frame)).toBe("a\ufffdb");
});

test("a length that no frame has throws before anything is stored", () => {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(MAX_FRAME + 1);
  expect(() => new FrameReader().push(head)).toThrow(RangeError);
  head.writeUInt32LE(4);
  expect(() => new FrameReader().push(head)).toThrow("its length is 4");
  head.writeUInt32LE(0xffffffff);
  const reader = new FrameReader();
  reader.push(head.subarray(0, 8));
  expect(() => reader.push(head.subarray(8))).toThrow("4294967295");
});

test("a payload over the limit can't be sent", () => {
  expect(() => encodeFrame(1, 1, new Uint8Array(MAX_FRAME))).toThrow(RangeError);
});
