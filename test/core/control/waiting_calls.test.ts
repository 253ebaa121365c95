import { expect, test } from "bun:test";
import { WaitingCalls } from "../../../src/core/control/waiting_calls.ts";
import { FakeClock } from "../fake_clock.ts";

const forever = () => new Promise<never>(() => {});

test("64 callers of an application may wait, and what more ask for is not begun", async () => {
  const clock = new FakeClock();
  const calls = new WaitingCalls(clock, 100);
  const waiting = Array.from({ length: 64 }, () =>
    calls.wait("chat", "call it", forever).catch(({ code }) => code),
  );
  let isBegun = false;
  const refused = calls.wait("chat", "call it", async () => {
    isBegun = true;
  });
  await expect(refused).rejects.toMatchObject({
    code: "busy",
    message: expect.stringContaining("Cannot call it"),
  });
  expect(isBegun).toBe(false);
  // Those of another application have room of their own.
  expect(await calls.wait("game", "call it", async () => 1)).toBe(1);
  clock.advance(100);
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(["timeout"]));
  expect(await calls.wait("chat", "call it", async () => 2)).toBe(2);
});

test("512 callers may wait in all", async () => {
  const calls = new WaitingCalls(new FakeClock());
  for (let i = 0; i < 512; i++) void calls.wait(`a${i % 16}`, "call it", forever).catch(() => {});
  await expect(calls.wait("one more", "call it", forever)).rejects.toMatchObject({ code: "busy" });
});

test("what is begun may fail, and gives its place back", async () => {
  const calls = new WaitingCalls(new FakeClock());
  for (let i = 0; i < 100; i++)
    await expect(calls.wait("chat", "call it", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
});
