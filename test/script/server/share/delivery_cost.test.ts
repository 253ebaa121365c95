import { expect, test } from "bun:test";
import { DeliveryCount } from "../../../../src/core/delivery_count.ts";
import { DeliveryCost } from "../../../../src/script/server/share/delivery_cost.ts";

/** A process that takes `ms` of CPU time for what `send` sends, and says how that is taken. */
function start() {
  let cpu = 1000;
  const count = new DeliveryCount();
  const cost = new DeliveryCost(count, () => cpu);
  const send = (sockets: number, applyingMs: number, writingMs: number) => {
    count.add(0, sockets);
    cpu += applyingMs + writingMs;
    cost.applied(applyingMs);
  };
  return { cost, send };
}

test("a delivery costs what the process takes beside applying outcomes", () => {
  const { cost, send } = start();
  for (let n = 0; n < 50; n++) send(5000, 30, 2);
  expect(cost.of(1000)).toBeCloseTo(0.4, 2);
});

test("where the process does much else a delivery does not cost all of that", () => {
  const { cost, send } = start();
  for (let n = 0; n < 50; n++) send(2000, 1, 2000);
  expect(cost.of(1000)).toBeCloseTo(20, 1);
});

test("few deliveries tell nothing", () => {
  const { cost, send } = start();
  const before = cost.of(1);
  for (let n = 0; n < 19; n++) send(100, 0, 50);
  expect(cost.of(1)).toBe(before);
});

test("a long frame is as much work as several", () => {
  const count = new DeliveryCount();
  count.add(100);
  const short = count.total;
  count.add(64 * 1024, 3);
  expect(count.total - short).toBe(3 * 33);
});
