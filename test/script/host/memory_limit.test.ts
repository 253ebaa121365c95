/** What the sandboxes of an application may take in a host, as the host holds to it. */
import { expect, test } from "bun:test";
import { COSTS, SandboxFlag } from "../../../src/script/wire/answer/answer.ts";
import { Flag } from "../../../src/script/wire/batch/batch.ts";
import { ToHost, ToServer } from "../../../src/script/wire/frame_kinds.ts";
import { limits, message, open, Stage } from "./stage.ts";

const MB = 1_000_000;
const definition = `messages: { keep(room, _, bytes) { kept.push(new Uint8Array(bytes)); return 1; } }`;
const roomy = { limits: { ...limits, memory: 100 * MB, cpuPerEvent: 5000 } };

/** A stage with two sandboxes, in which there are a room each, and limits of their memory. */
async function stageWith(most: number, all?: number): Promise<Stage> {
  const stage = await Stage.room(definition, roomy, "const kept = [];");
  await stage.frame(ToHost.sandbox, 2, JSON.stringify({ version: 1 }));
  await stage.playIn(2, open());
  await stage.frame(ToHost.memory, 0, JSON.stringify({ application: "game", most, ...(all ? { all } : {}) }));
  return stage;
}

/** Whether memory ran out in the last answer since it was short for all. */
const isShort = (stage: Stage) =>
  ((stage.last(ToServer.answer)?.bytes[COSTS - 1] ?? 0) & SandboxFlag.short) !== 0;

test("what one sandbox takes another one can't; once it is dropped it can", async () => {
  const stage = await stageWith(60 * MB);
  expect((await stage.message("keep", 40 * MB)).value).toBe(1);
  expect(isShort(stage)).toBe(false);
  const [failed] = await stage.playIn(2, message("keep", 30 * MB));
  expect(failed?.failure).toMatchObject({ limit: "memory" });
  expect(isShort(stage)).toBe(true);
  expect(stage.last(ToServer.poisoned)).toMatchObject({
    id: 2,
    text: expect.stringContaining("have taken the memory that they may"),
  });
  await stage.frame(ToHost.drop, 1, "");
  await stage.frame(ToHost.sandbox, 3, JSON.stringify({ version: 1 }));
  const [, kept] = await stage.playIn(3, open(), message("keep", 40 * MB));
  expect(kept?.value).toBe(1);
});

test("what was taken before, in another sandbox, is taken again whatever the application has", async () => {
  for (const flags of [Flag.muted, Flag.muted | Flag.foreign]) {
    const stage = await stageWith(20 * MB);
    const [replayed] = await stage.play({ ...message("keep", 40 * MB), flags });
    expect([flags, replayed?.status]).toEqual([flags, "ok"]);
    expect(isShort(stage)).toBe(false);
  }
});

test("what all applications may take together nobody goes over", async () => {
  const stage = await stageWith(90 * MB, 30 * MB);
  const [replayed] = await stage.play({ ...message("keep", 40 * MB), flags: Flag.muted });
  expect(replayed?.status).toBe("handler_failed");
  expect(isShort(stage)).toBe(true);
});

test("an event that takes more than the application has left fails and says so, also where the memory need not grow", async () => {
  const stage = await stageWith(8 * MB);
  expect((await stage.message("keep", 2 * MB)).value).toBe(1);
  const [failed] = await stage.playIn(2, message("keep", 5 * MB));
  expect(failed).toMatchObject({
    status: "handler_failed",
    failure: {
      limit: "memory",
      shortage: "application",
      detail: `More memory was needed than is left of the ${limits.totalMemory} bytes that all sandboxes of the application may take (limits.totalMemory).`,
    },
  });
  // What has grown so far is not kept as it is.
  expect(stage.last(ToServer.poisoned)).toMatchObject({
    id: 2,
    text: expect.stringContaining("totalMemory"),
  });
});

test("where nothing is left, events that need next to nothing go on, and what is owed is taken", async () => {
  const stage = await stageWith(0);
  for (let n = 0; n < 5; n++) expect((await stage.message("keep", 1000)).value).toBe(1);
  expect((await stage.message("keep", MB / 2)).status).toBe("handler_failed");
  for (let n = 0; n < 60; n++) expect((await stage.message("keep", 1000)).value).toBe(1);
  const [replayed] = await stage.play({ ...message("keep", 4 * MB), flags: Flag.muted });
  expect(replayed?.status).toBe("ok");
  expect((await stage.message("keep", 2 * MB)).status).toBe("handler_failed");
});

test("where the script host has nothing left, that is what is said", async () => {
  const stage = await stageWith(90 * MB, 6 * MB);
  expect((await stage.message("keep", 5 * MB)).failure).toMatchObject({
    shortage: "host",
    detail: expect.stringContaining("--host-memory"),
  });
});

test("where one sandbox is too small, nobody is short", async () => {
  const stage = await stageWith(400 * MB);
  const { failure } = await stage.message("keep", 200 * MB);
  expect([failure?.limit, failure?.shortage]).toEqual(["memory", undefined]);
});

test("what a script held that has left a sandbox is free again there at once, however much it was", async () => {
  const state = `state: () => ({ text: "x".repeat(2_000_000) + "!" }), messages: { size: (room) => room.state.text.length }`;
  const stage = await Stage.room(state, { limits: { ...limits, memory: 24 * MB, cpuPerEvent: 5000 } });
  for (let script = 2; script < 30; script++) {
    const [opened, size] = await stage.play(open({}, script), { ...message("size"), script });
    expect([script, opened?.status, size?.value]).toEqual([script, "ok", 2_000_001]);
    await stage.play({ kind: "end", script });
  }
});
