import { expect, test } from "bun:test";
import { Credit, Turns } from "../../src/core/turns.ts";

/** One that always or never has something to do, and pays `cost` ms each time. */
class Player {
  readonly credit = new Credit(1);
  used = 0;
  constructor(
    readonly name: string,
    public cost: number,
    public waits = true,
  ) {}
}

/** Lets those who wait have their turns until `total` ms are used; returns who had them, in order. */
function play(turns: Turns<Player>, total: number): string[] {
  const order: string[] = [];
  for (let spent = 0; spent < total; ) {
    const one = turns.first();
    if (!one) break;
    order.push(one.name);
    one.used += one.cost;
    spent += one.cost;
    one.credit.spend(one.cost);
  }
  return order;
}

test("each gets the same, whatever one time costs", () => {
  const turns = new Turns<Player>();
  const players = [new Player("cheap", 0.01), new Player("middling", 0.7), new Player("dear", 30)];
  for (const player of players) turns.add(player);
  play(turns, 3000);
  for (const { used } of players) expect(Math.abs(used - 1000)).toBeLessThanOrEqual(31);
});

test("one that comes goes before those that use all they can get, for as long as it has credit", () => {
  const turns = new Turns<Player>();
  for (const name of ["one", "two"]) turns.add(new Player(name, 1));
  play(turns, 30);
  const late = new Player("late", 0.4);
  turns.add(late);
  expect(play(turns, 3).slice(0, 4)).toEqual(["late", "late", "late", expect.stringMatching(/one|two/)]);
});

test("who uses much at a time and comes back is behind by that until the others have had as much", () => {
  const turns = new Turns<Player>();
  const [busy, hog] = [new Player("busy", 1), new Player("hog", 20)];
  turns.add(busy);
  turns.add(hog);
  for (let n = 0; n < 100; n++) {
    play(turns, 1);
    // It has nothing to do for a moment each time.
    hog.waits = false;
    expect(turns.isEmpty).toBe(false);
    hog.waits = true;
    turns.add(hog);
  }
  expect(Math.abs(busy.used - hog.used)).toBeLessThanOrEqual(21);
});

test("absence saves up one turn at most, and a moment without anything to do makes up for debts", () => {
  const turns = new Turns<Player>();
  const [busy, rare] = [new Player("busy", 1), new Player("rare", 1, false)];
  turns.add(busy);
  play(turns, 1000);
  rare.waits = true;
  turns.add(rare);
  expect(play(turns, 6).filter((name) => name === "rare").length).toBeLessThanOrEqual(4);
  const hog = new Player("hog", 200);
  turns.add(hog);
  hog.credit.spend(200);
  for (const one of [busy, rare, hog]) one.waits = false;
  expect(turns.first()).toBeUndefined();
  turns.forgive();
  for (const one of [hog, busy]) {
    one.waits = true;
    turns.add(one);
  }
  expect(turns.first()).toBe(hog);
});

test("one that does not wait any more has no turn, and comes in again like a new one", () => {
  const turns = new Turns<Player>();
  const [gone, other] = [new Player("gone", 1), new Player("other", 1)];
  turns.add(gone);
  turns.add(other);
  gone.waits = false;
  expect(turns.first()).toBe(other);
  expect(turns.size).toBe(1);
  gone.waits = true;
  turns.add(gone);
  turns.add(gone);
  expect(turns.size).toBe(2);
  turns.clear();
  expect(turns.first()).toBeUndefined();
});
