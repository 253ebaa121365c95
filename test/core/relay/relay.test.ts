/** How much of a relay each user may send, and what an edit has wait. */
import { expect, test } from "bun:test";
import type { RelayEntry } from "../../../src/core/ports/build.ts";
import { Relay } from "../../../src/core/relay/relay.ts";
import { Relays } from "../../../src/core/relay/relays.ts";
import { FakeClock } from "../fake_clock.ts";

const entry = (changes: Partial<RelayEntry> = {}): RelayEntry => ({
  type: "cursor",
  to: "others",
  isVolatile: false,
  rate: 10,
  maxBytes: 8,
  ...changes,
});
const takeAll = (relay: Relay, user: string) => {
  let taken = 0;
  while (relay.take(user)) taken++;
  return taken;
};

test("each user has a rate of its own, twice as many at once, also after other options", () => {
  const clock = new FakeClock();
  const relay = new Relay(clock, entry());
  expect([takeAll(relay, "u1"), takeAll(relay, "u2")]).toEqual([20, 20]);
  clock.advance(500);
  expect(takeAll(relay, "u1")).toBe(5);
  relay.adopt(entry({ rate: 2 }));
  clock.advance(60_000);
  expect([takeAll(relay, "u1"), takeAll(relay, "u3")]).toEqual([4, 4]);
  expect(relay.refusal).toMatchObject({
    code: "rate_limited",
    message: 'Cannot pass "cursor" on: more than 2 a second (4 at once) came.',
  });
});

test("users who come and go have no more for it, and those who are quiet are forgotten", () => {
  const clock = new FakeClock();
  const relay = new Relay(clock, entry({ rate: 1 }));
  expect(takeAll(relay, "u0")).toBe(2);
  for (let n = 1; n < 100_000; n++) {
    relay.take(`u${n}`);
    if (n % 10 === 0) clock.advance(10);
    if (n === 150) expect(relay.take("u0")).toBe(false);
  }
  expect(relay.users).toBeLessThan(5000);
});

test("data has its size in bytes", () => {
  const relay = new Relay(new FakeClock(), entry());
  for (const data of [undefined, '"123456"', '"€€"', "\0xxxxxxxx"])
    expect(relay.problemOf(data)).toBeUndefined();
  for (const data of ['"1234567"', '"€€1"', "\0xxxxxxxxx"])
    expect(relay.problemOf(data)?.code).toBe("too_large");
});

test("a relay that an edit makes has messages wait until the script has answered those before it", () => {
  const relays = new Relays(new FakeClock(), [entry({ type: "old" })]);
  relays.asked();
  relays.asked();
  relays.adopt([entry({ type: "old" }), entry()]);
  const [old, made] = [relays.of("old"), relays.of("cursor")];
  expect([old?.isShut, made?.isShut, relays.of("other")]).toEqual([false, true, undefined]);
  const passed: number[] = [];
  for (const n of [1, 2, 3]) made?.hold(0, () => passed.push(n));
  // What the script is given later counts for nothing.
  relays.asked();
  relays.answered();
  expect(passed).toEqual([]);
  relays.answered();
  expect([passed, made?.isShut]).toEqual([[1, 2, 3], false]);
  // Nothing is with the script: at once.
  relays.answered();
  relays.adopt([entry({ type: "third" })]);
  expect([relays.of("cursor"), relays.of("third")?.isShut]).toEqual([undefined, false]);
});

test("what waits is bounded in number and size, and passed on where another edit takes the relay away", () => {
  for (const [characters, most] of [
    [0, 1000],
    [1024 * 1024, 4],
  ] as const) {
    const relays = new Relays(new FakeClock(), undefined);
    relays.asked();
    relays.adopt([entry()]);
    const relay = relays.of("cursor") as Relay;
    let passed = 0;
    const hold = () => relay.hold(characters, () => passed++);
    for (let n = 0; n < most; n++) hold();
    expect(hold).toThrow('Cannot pass "cursor" on: too much waits');
    relays.adopt();
    expect(passed).toBe(most);
  }
});
