import { expect, test } from "bun:test";
import { PacedMoves } from "../../../src/core/version/paced_moves.ts";

/** Travellers that are under way, and what lets each arrive. */
class Road {
  readonly left: number[] = [];
  readonly #arrivals = new Map<number, (cost?: number) => void>();
  isOver = false;
  isDone = false;

  constructor(count: number, hosts = 1) {
    const travellers = Array.from({ length: count }, (_, n) => n);
    const move = (n: number) => {
      this.left.push(n);
      return new Promise<number | undefined>((resolve) => this.#arrivals.set(n, resolve));
    };
    void new PacedMoves(hosts)
      .run(travellers, move, () => this.isOver)
      .then(() => {
        this.isDone = true;
      });
  }

  get underWay(): number {
    return this.#arrivals.size;
  }

  /** The one that has been under way for longest arrives. */
  async arrive(cost?: number): Promise<void> {
    const [[n, resolve] = []] = this.#arrivals;
    this.#arrivals.delete(n ?? -1);
    resolve?.(cost);
    await Bun.sleep(0);
  }
}

test("[F6] all arrive, in their order, and never more than a slice of them is under way", async () => {
  const road = new Road(100);
  const first = road.underWay;
  expect(first).toBeWithin(2, 50);
  for (let n = 0; n < 100; n++) {
    expect(road.underWay).toBeLessThanOrEqual(first);
    expect(road.isDone).toBe(false);
    await road.arrive();
  }
  expect(road.isDone).toBe(true);
  expect(road.left).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

test("[F6] cheap moves go many at a time, costly ones by themselves", async () => {
  const road = new Road(2000);
  const first = road.underWay;
  for (let n = 0; n < 200; n++) await road.arrive(0.1);
  expect(road.underWay).toBeGreaterThan(2 * first);
  for (let n = 0; n < 200; n++) await road.arrive(50);
  expect(road.underWay).toBe(1);
  for (let n = 0; n < 400; n++) await road.arrive(0.1);
  expect(road.underWay).toBeGreaterThan(2 * first);
});

test("moves that seem to cost nothing are bounded, too", async () => {
  const road = new Road(10_000);
  for (let n = 0; n < 1000; n++) await road.arrive(0);
  expect(road.underWay).toBeLessThan(500);
});

test("several hosts move more at a time", () => {
  expect(new Road(100, 2).underWay).toBe(2 * new Road(100).underWay);
});

test("once it is over nobody leaves any more, and those under way are waited for", async () => {
  const road = new Road(100);
  const left = road.left.length;
  road.isOver = true;
  while (road.underWay > 0) {
    expect(road.isDone).toBe(false);
    await road.arrive();
  }
  expect(road.left).toHaveLength(left);
  expect(road.isDone).toBe(true);
});

test("nobody to move is done at once", async () => {
  const road = new Road(0);
  await Bun.sleep(0);
  expect(road.isDone).toBe(true);
});
