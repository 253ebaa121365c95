import { afterAll, afterEach, expect, spyOn, test } from "bun:test";
import { COSTS, SandboxFlag } from "../../../../src/script/wire/answer/answer.ts";
import { ToServer } from "../../../../src/script/wire/frame_kinds.ts";
import { MEASURE_EVERY_MS } from "../../../../src/script/host/engine/memory_growth.ts";
import { limits, Stage } from "../stage.ts";

const roomy = { limits: { ...limits, cpuPerEvent: 5000 } };
const definition = `state: () => ({ kept: [] }), messages: {
  burst() { let junk = []; for (let i = 0; i < 1000; i++) junk.push(new ArrayBuffer(40000)); junk = undefined; },
  keep() { for (let i = 0; i < 1000; i++) kept.push(new ArrayBuffer(40000)); },
  ok: () => 1 }`;
const before = "const kept = [];";
const clock = performance.now.bind(performance);
let moved = 0;
const now = spyOn(performance, "now").mockImplementation(() => clock() + moved);

afterEach(() => {
  moved = 0;
});
afterAll(() => now.mockRestore());

/** What the host's costs before the last answer say. */
function told(stage: Stage): boolean {
  return ((stage.last(ToServer.answer)?.bytes[COSTS - 1] ?? 0) & SandboxFlag.grown) !== 0;
}

test("a sandbox that holds much memory without using it is told as grown, once in a while", async () => {
  const stage = await Stage.room(definition, roomy, before);
  await stage.message("burst");
  expect(told(stage)).toBe(false);
  moved += MEASURE_EVERY_MS;
  expect((await stage.message("ok")).value).toBe(1);
  expect(told(stage)).toBe(true);
  await stage.message("ok");
  expect(told(stage)).toBe(false);
  moved += MEASURE_EVERY_MS;
  await stage.message("ok");
  expect(told(stage)).toBe(true);
});

test("a sandbox that uses its memory is not grown, nor is one that is small", async () => {
  const stage = await Stage.room(definition, roomy, before);
  moved += MEASURE_EVERY_MS;
  await stage.message("ok");
  expect(told(stage)).toBe(false);
  await stage.message("keep");
  moved += MEASURE_EVERY_MS;
  await stage.message("ok");
  expect(told(stage)).toBe(false);
});

test("measuring runs nothing of the script's", async () => {
  const stage = await Stage.room(
    `messages: { spoil() { for (const name of ["memory_used_size", "malloc_limit"]) {
      Object.defineProperty(Object.prototype, name, { configurable: true, get() { seen++; return 1e9; }, set() { seen++; } }); } },
      burst() { let junk = []; for (let i = 0; i < 1000; i++) junk.push(new ArrayBuffer(40000)); }, seen: () => seen }`,
    roomy,
    "let seen = 0;",
  );
  await stage.message("spoil");
  await stage.message("burst");
  moved += MEASURE_EVERY_MS;
  expect((await stage.message("seen")).value).toBe(0);
  expect(told(stage)).toBe(true);
  expect((await stage.message("seen")).value).toBe(0);
});
