import { expect, test } from "bun:test";
import { PerApplication } from "../../../../src/core/application/per_application.ts";
import { HostMemory } from "../../../../src/script/server/memory/host_memory.ts";
import { MemoryCount } from "../../../../src/script/server/memory/memory_count.ts";
import { SandboxMemory } from "../../../../src/script/server/memory/sandbox_memory.ts";
import { buildOf } from "../harness.ts";

const MIB = 1024 * 1024;
const limitsOf = (totalMemory: number) =>
  buildOf("", { limits: { totalMemory: totalMemory * MIB } }).settings.limits;

/** Two hosts, each with `most` MiB. */
function hosts(most: number) {
  const everywhere = new PerApplication(() => new MemoryCount());
  return [new HostMemory(everywhere, most * MIB), new HostMemory(everywhere, most * MIB)] as const;
}

test("an application takes what it may on all hosts together, and each process is told what is left for it", () => {
  const [first, second] = hosts(1000);
  const limits = limitsOf(100);
  expect(first.news("app", limits)).toEqual({ application: "app", most: 100 * MIB, all: 1000 * MIB });
  expect(first.news("app", limits)).toBeUndefined();
  first.of("app").add(60 * MIB);
  expect(first.news("app", limits)).toBeUndefined();
  expect(second.news("app", limits)).toMatchObject({ most: 40 * MIB });
  expect([first.shortage("app", limits, 30 * MIB), second.shortage("app", limits, 30 * MIB)]).toEqual([
    undefined,
    undefined,
  ]);
  second.of("app").add(10 * MIB);
  expect(second.shortage("app", limits, 30 * MIB)).toBe("application");
  expect(second.shortage("other", limits, 30 * MIB)).toBeUndefined();
  expect(first.news("app", limits)).toMatchObject({ most: 90 * MIB });
  first.forgetNews();
  expect(first.news("app", limits)).toMatchObject({ most: 90 * MIB });
});

test("of one host an application gets three quarters, and is to leave where it takes most of what is nearly full", () => {
  const [host] = hosts(100);
  const limits = limitsOf(1000);
  expect(host.news("large", limits)).toMatchObject({ most: 75 * MIB });
  host.of("large").add(60 * MIB);
  expect(host.crowding()).toBeUndefined();
  host.of("small").add(20 * MIB);
  expect(host.crowding()).toBe("large");
  expect(host.isLarge("large")).toBe(true);
  expect(host.isLarge("small")).toBe(false);
  expect([host.shortage("large", limits, 16 * MIB), host.shortage("small", limits, 10 * MIB)]).toEqual([
    "host",
    undefined,
  ]);
  expect(host.shortage("small", limits, 20 * MIB)).toBe("host");
});

test("an application that fits on no single host stays where it is", () => {
  const [first, second] = hosts(100);
  second.of("large").add(60 * MIB);
  first.of("large").add(60 * MIB);
  first.of("small").add(20 * MIB);
  expect(first.crowding()).toBeUndefined();
});

test("a sandbox counts what was promised until it is measured, and nothing once it is gone", () => {
  const count = new MemoryCount();
  const memory = new SandboxMemory(64 * MIB, count);
  const slot = {};
  memory.promise(slot, 5 * MIB);
  expect(count.bytes).toBe(6 * MIB);
  expect([memory.hasRoom(24 * MIB), memory.hasRoom(25 * MIB)]).toEqual([true, false]);
  memory.measured(16 * MIB, 7 * MIB, 0);
  memory.settle(slot);
  memory.settle(slot);
  expect(count.bytes).toBe(8 * MIB);
  memory.close();
  expect(count.bytes).toBe(0);
});

test("scripts that use most of a sandbox together are crowded, and it takes no more of them long before", () => {
  const memory = new SandboxMemory(64 * MIB, new MemoryCount());
  memory.measured(40 * MIB, 30 * MIB, 30 * MIB);
  expect([memory.isCrowded, memory.hasRoom(1), memory.each(3)]).toEqual([false, false, 10 * MIB]);
  memory.measured(60 * MIB, 50 * MIB, 45 * MIB);
  expect(memory.isCrowded).toBe(true);
});
