/** How long the watchdog lets a host work on a batch: what is legal must come to its end, what hangs soon be known. */
import { expect, test } from "bun:test";
import { MADE } from "../../../../src/script/wire/frame_kinds.ts";
import { openTask } from "../../../../src/script/wire/batch/task.ts";
import { Call } from "../../../../src/script/server/sandbox/call.ts";
import { LoadedVersion } from "../../../../src/script/server/sandbox/loaded_version.ts";
import { Sandbox } from "../../../../src/script/server/sandbox/sandbox.ts";
import { buildOf } from "../harness.ts";

const limits = { cpuHard: 400, load: 300, migrate: 200 };
const request = { application: "app", version: "v1", seed: "1" };
const opening = (snapshot?: string) => new Call(openTask(request, snapshot));

/** A sandbox that has been given these calls as its first batch. */
function given(calls: Call[], more: Partial<typeof limits> = {}): Sandbox {
  const version = new LoadedVersion(1, buildOf("", { limits: { ...limits, ...more } }), undefined, new Map());
  const host = { id: 1, countScripts() {}, wake() {}, drop() {}, spent() {} };
  const sandbox = new Sandbox(1, version, host, 100);
  const slot = sandbox.addSlot({ answered() {}, lost() {} });
  for (const call of calls) slot.post(call);
  sandbox.take();
  return sandbox;
}

test("making a sandbox has a time of its own, until the host tells that it is made", () => {
  const sandbox = given([new Call({ kind: "init" }, 1)]);
  expect(sandbox.allowance).toBe(400 + 300);
  sandbox.progressed(MADE);
  expect(sandbox.allowance).toBe(400);
});

test("an opening that hangs in code that is never polled has no more time than an event, or than `migrate`", () => {
  const sandbox = given([opening()]);
  sandbox.progressed(MADE);
  expect(Math.floor(sandbox.allowance ?? 0)).toBe(400);
  const patient = given([opening()], { migrate: 900 });
  patient.progressed(MADE);
  expect(Math.floor(patient.allowance ?? 0)).toBe(900);
});

test("once it was polled its own deadline comes first, whatever the engine's compilers take beside it", () => {
  const sandbox = given([opening()]);
  sandbox.progressed(MADE);
  sandbox.progressed("[1,0]");
  expect(sandbox.allowance).toBe(400 + 200);
});

test("an event that was polled has no more time than before", () => {
  const sandbox = given([new Call({ kind: "init" }, 1)]);
  sandbox.progressed("[1,1]");
  expect(sandbox.allowance).toBe(400);
});

test("a long snapshot is read in the time that this takes, a snapshot is written in that of any", () => {
  const sandbox = given([opening(JSON.stringify("x".repeat(1024 * 1024)))]);
  sandbox.progressed(MADE);
  expect(sandbox.allowance).toBeGreaterThan(400 + 100);
  const writer = given([new Call({ kind: "snapshot" })]);
  writer.progressed(MADE);
  expect(writer.allowance).toBe(400 + 200);
});

test("telling who is there has the time that it takes, however little an event may", () => {
  const of = (count: number) => {
    const add = Array.from({ length: count }, (_, n) => ({
      id: `u${n}`,
      name: "ann",
      data: `"${"x".repeat(200)}"`,
    }));
    const update = { users: { remove: [], add }, rooms: { remove: [], add: [] } };
    const sandbox = given([new Call({ kind: "directory", update }, 1), new Call({ kind: "init" }, 2)], {
      cpuHard: 1,
    });
    sandbox.progressed(MADE);
    return sandbox.allowance ?? 0;
  };
  expect(of(500)).toBeGreaterThan(300);
  expect(of(1)).toBeLessThan(5);
});

test("nothing in hand has no time", () => {
  expect(given([]).allowance).toBeUndefined();
});
