import { expect, test } from "bun:test";
import { createCipheriv } from "node:crypto";
import { message, open, type Played, type Result, SEED, Stage } from "./stage.ts";

/** Bytes of chance of an event of the stage's script, as the standard library has it of NIST SP 800-38A. */
function chanceOf(seq: number, size: number): Buffer {
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt(seq));
  return createCipheriv("aes-128-ctr", Buffer.from(SEED, "hex"), counter).update(Buffer.alloc(size));
}

const script = `messages: {
  bytes: (room, user, size) => [...crypto.getRandomValues(new Uint8Array(size))],
  all: () => [...crypto.getRandomValues(new Uint8Array(65536)).subarray(-40)],
  mixed: () => [Math.random(), ...crypto.getRandomValues(new Uint16Array(3)), Math.random()],
  uuids: () => [crypto.randomUUID(), crypto.randomUUID()],
  wrong: (room, user, which) => {
    try { crypto.getRandomValues([[1], new Float32Array(1), new Uint8Array(65537), new DataView(new ArrayBuffer(1))][which]); } catch (error) { return error.name; }
  },
}`;

const values = (results: Result[]) => results.map(({ value }) => value);

test("chance is AES in counter mode under the script's seed, from the number of the event", async () => {
  const stage = await Stage.room(script);
  // Opening and two joins were the first three.
  expect((await stage.message("bytes", 40)).value).toEqual([...chanceOf(4, 40)]);
  expect((await stage.message("all")).value).toEqual([...chanceOf(5, 65536).subarray(-40)]);
  const words = chanceOf(6, 24);
  const number = (at: number) =>
    ((words.readUInt32LE(at) >>> 5) * 2 ** 26 + (words.readUInt32LE(at + 4) >>> 6)) / 2 ** 53;
  const shorts = [8, 10, 12].map((at) => words.readUInt16LE(at));
  expect((await stage.message("mixed")).value).toEqual([number(0), ...shorts, number(16)]);
});

test("the same script and event have the same chance, in any sandbox and batch", async () => {
  const events = [message("mixed"), message("uuids"), message("bytes", 5000), message("mixed")];
  const together = await Stage.room(script);
  const apart = await Stage.room(script);
  const first = values(await together.play(...events));
  const second = [];
  for (const event of events) second.push(...values(await apart.play(event)));
  expect(second).toEqual(first);
  expect(first[0]).not.toEqual(first[3]);
});

test("ids are random ones of version 4", async () => {
  const stage = await Stage.room(script);
  const [one, other] = (await stage.message("uuids")).value as string[];
  expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(other).not.toBe(one as string);
});

test("only arrays of whole numbers are filled, of 65,536 bytes at most", async () => {
  const stage = await Stage.room(script);
  const told = await stage.play(...[0, 1, 2, 3].map((which) => message("wrong", which)));
  expect(values(told)).toEqual(["TypeError", "TypeError", "QuotaExceededError", "TypeError"]);
});

test("while a file is loaded there is no chance that could be guessed", async () => {
  const loading = Stage.room("", {}, "const key = crypto.randomUUID();");
  await expect(loading).rejects.toThrow(
    "crypto.randomUUID: there is chance in handlers, in state and in migrate, not while a file is loaded",
  );
  const stage = await Stage.room("state: () => ({ key: crypto.randomUUID() })");
  expect((await stage.snapshot()).state).toEqual({ key: expect.stringMatching(/^[0-9a-f-]{36}$/) });
});

test("performance.now begins an event with its time, and goes on with the clock", async () => {
  const stage = await Stage.room(
    `messages: { ask() {
      const first = performance.now();
      const began = Date.now();
      let now = first, last = first;
      while ((now = performance.now()) < first + 1) { if (now < last) throw new Error("back"); last = now; }
      return [first, began === Date.now(), Math.abs(now * 10 - Math.round(now * 10)) < 1e-3, performance.timeOrigin];
    } }`,
  );
  const event = { ...message("ask"), time: 5_000_000 };
  expect(values(await stage.play(event))).toEqual([[5_000_000, true, true, 0]]);
});

test("what opens a script has chance of a seed of its own", async () => {
  const stage = await Stage.room("state: () => ({ key: crypto.randomUUID() })");
  const keys = [];
  for (const ownSeed of ["1".repeat(32), "2".repeat(32), "1".repeat(32)]) {
    await stage.play({ ...open({ ownSeed }), seq: 0 } as Played);
    keys.push((await stage.snapshot()).state);
  }
  expect(keys[2]).toEqual(keys[0]);
  expect(keys[1]).not.toEqual(keys[0]);
});
