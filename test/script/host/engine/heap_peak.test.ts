import { expect, test } from "bun:test";
import { Engine } from "../../../../src/script/host/engine/engine.ts";

const MB = 1_000_000;

/** An engine that evaluates `source`, with how much its memory grew. */
async function make() {
  let grown = 0;
  const engine = await Engine.create(64 * MB, {
    interrupt: () => false,
    resolve: (_, name) => name,
    source: () => ({ refusal: "there are no modules" }),
    grow: (bytes) => {
      grown += bytes;
      return true;
    },
  });
  const evaluate = (source: string) => engine.evaluate(source, "test").dispose();
  return { engine, evaluate, grown: () => grown };
}

test("what the heap of an engine has taken follows what is in it, also where the memory need not grow", async () => {
  const { engine, evaluate, grown } = await make();
  const fresh = engine.heapPeak;
  expect(fresh).toBeWithin(50_000, MB);
  evaluate("globalThis.kept = new Uint8Array(5_000_000)");
  expect(grown()).toBe(0);
  expect(engine.heapPeak - fresh).toBeWithin(5 * MB, 5.2 * MB);
  const room = engine.heapRoom - engine.heapPeak;
  evaluate(`kept = [kept, new Uint8Array(${room - 100_000})]`);
  expect(grown()).toBe(0);
  evaluate("kept.push(new Uint8Array(20_000_000))");
  expect(grown()).toBeGreaterThan(19 * MB);
  const peak = engine.heapPeak;
  expect(peak - fresh).toBeWithin(5 * MB + room + 19 * MB, 5 * MB + room + 21 * MB);
  expect(peak).toBeLessThan(engine.heapRoom);
  evaluate("kept = undefined");
  expect(engine.heapPeak).toBeGreaterThanOrEqual(peak);
});

test("what is in use of a heap is told, of texts made of others too, and what was let go is not", async () => {
  const { engine, evaluate } = await make();
  evaluate("globalThis.kept = []");
  const fresh = engine.inUse();
  expect(fresh).toBeWithin(50_000, MB);
  expect(fresh).toBeLessThanOrEqual(engine.heapPeak);
  evaluate("kept.push(new Uint8Array(5_000_000))");
  expect(engine.inUse() - fresh).toBeWithin(5 * MB, 5.1 * MB);
  evaluate("kept.push('x'.repeat(3_000_000) + '!')");
  expect(engine.inUse() - fresh).toBeWithin(8 * MB, 8.1 * MB);
  evaluate("for (let n = 0; n < 50_000; n++) kept.push({ n })");
  expect(engine.inUse() - fresh).toBeWithin(10 * MB, 18 * MB);
  evaluate("kept = JSON.parse(JSON.stringify(['x'.repeat(1_000_000), 'y'.repeat(1_000_000)]))");
  expect(engine.inUse() - fresh).toBeWithin(2 * MB, 2.2 * MB);
  evaluate("kept = undefined");
  expect(engine.inUse() - fresh).toBeLessThan(0.1 * MB);
});
