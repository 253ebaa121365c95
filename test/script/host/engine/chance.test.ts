import { expect, test } from "bun:test";
import { CHANCE_BYTES, Chance, ChanceWord } from "../../../../src/script/host/engine/chance.ts";

const ADDRESS = 4096;

/** Returns what is made under a seed, hexadecimal, for a part of an event. */
function made(seed: string, seqHigh: number, seqLow: number, part: number): Buffer {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const words = new DataView(memory.buffer, ADDRESS, CHANCE_BYTES);
  for (let i = 0; i < 4; i++)
    words.setUint32(4 * (ChanceWord.seed + i), Number.parseInt(seed.slice(8 * i, 8 * i + 8), 16), true);
  words.setUint32(4 * ChanceWord.seqHigh, seqHigh, true);
  words.setUint32(4 * ChanceWord.seqLow, seqLow, true);
  words.setUint32(4 * ChanceWord.part, part, true);
  new Chance(memory, ADDRESS).fill();
  return Buffer.from(new Uint8Array(memory.buffer, ADDRESS, 1024));
}

test("chance is the key stream of RFC 3686, test vector 1", () => {
  // Its counter block begins with 00000030 00000000, and counts from 1.
  const stream = made("ae6852f8121067cc4bf7a5765577f39e", 0x30, 0, 0);
  expect(stream.subarray(16, 32).toString("hex")).toBe("b7603328dbc2931b410e16c8067e62df");
});

test("chance is AES of FIPS 197 where all is zero", () => {
  expect(made("0".repeat(32), 0, 0, 0).subarray(0, 16).toString("hex")).toBe(
    "66e94bd4ef8a2c3b884cfa59ca342b2e",
  );
});

test("parts of an event, and events, follow one another without meeting", () => {
  const all = [made(SEED, 0, 1, 0), made(SEED, 0, 1, 1), made(SEED, 0, 2, 0), made(SEED, 1, 1, 0)];
  const blocks = all.flatMap((part) =>
    Array.from({ length: 64 }, (_, i) => part.toString("hex", 16 * i, 16 * i + 16)),
  );
  expect(new Set(blocks).size).toBe(4 * 64);
});

const SEED = "000102030405060708090a0b0c0d0e0f";
