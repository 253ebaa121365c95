import { afterAll, afterEach, expect, spyOn, test } from "bun:test";
import { COSTS, SandboxFlag } from "../../../../src/script/wire/answer/answer.ts";
import { ToHost, ToServer } from "../../../../src/script/wire/frame_kinds.ts";
import { LOOK_EVERY_MS, MEASURE_EVERY_MS } from "../../../../src/script/host/engine/memory_growth.ts";
import { limits, message, open, Stage } from "../stage.ts";

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

/** Which sandboxes were told as grown where memory is scarce, in order. */
const wasteful = (stage: Stage) =>
  stage.sent.filter(({ kind }) => kind === ToServer.grown).map(({ id }) => id);

/** A stage with two sandboxes, the first of which has taken 10 MB and uses none of it; the application may take `most` bytes. */
async function stageOf(most: number): Promise<Stage> {
  const few = `messages: { ok: () => 1, burst() { new ArrayBuffer(10_000_000); } }`;
  const stage = await Stage.room(few, roomy);
  await stage.frame(ToHost.sandbox, 2, JSON.stringify({ version: 1 }));
  await stage.playIn(2, open());
  await stage.message("burst");
  await stage.frame(ToHost.memory, 0, JSON.stringify({ application: "game", most }));
  return stage;
}

test("where memory is scarce, one that holds it for nothing is told as grown, though nothing happens there and it is small", async () => {
  const stage = await stageOf(13_000_000);
  const ok = () => stage.playIn(2, message("ok"));
  await ok();
  expect(wasteful(stage)).toEqual([]);
  moved += LOOK_EVERY_MS;
  await ok();
  expect(wasteful(stage)).toEqual([1]);
  for (let n = 0; n < 9; n++) {
    moved += LOOK_EVERY_MS / 10;
    await ok();
  }
  expect(wasteful(stage)).toEqual([1]);
  moved += LOOK_EVERY_MS / 10;
  await ok();
  expect(wasteful(stage)).toEqual([1, 1]);
});

test("where there is memory, nobody is told of what is held for nothing below half of a sandbox", async () => {
  const stage = await stageOf(30_000_000);
  moved += LOOK_EVERY_MS;
  await stage.playIn(2, message("ok"));
  expect(wasteful(stage)).toEqual([]);
});
