/** Streams of what changes: who gets one, and who is cut off. */
import { expect, test } from "bun:test";
import { LiveStreams } from "../../../src/http/live/live_streams.ts";
import { FakeClock } from "../../core/fake_clock.ts";

const MOST = 32;
const look = () => [{ event: "told", data: {} }];
const open = (streams: LiveStreams, caller: string, of = look) =>
  streams.open(caller, of, async () => undefined);
const isRefused = (streams: LiveStreams, caller: string) => {
  try {
    open(streams, caller);
    return false;
  } catch (error) {
    return (error as { code: string }).code === "too_many";
  }
};

test("whoever has all of them, and reads none, keeps nobody else out", async () => {
  const streams = new LiveStreams(new FakeClock());
  const greedy = Array.from({ length: MOST }, () => open(streams, "greedy"));
  expect(isRefused(streams, "greedy")).toBe(true);
  const operators = Array.from({ length: MOST / 2 }, () => open(streams, "operator"));
  expect(await operators[0]?.body?.getReader().read()).toMatchObject({ done: false });
  expect(isRefused(streams, "operator")).toBe(true);
  expect(isRefused(streams, "greedy")).toBe(true);
  // The oldest ones went.
  await expect(greedy[0]?.text() as Promise<string>).rejects.toThrow("too many streams");
  expect(await greedy.at(-1)?.body?.getReader().read()).toMatchObject({ done: false });
});

test("one that reads is told that its stream goes for another caller's", async () => {
  const streams = new LiveStreams(new FakeClock());
  const [reader] = Array.from({ length: MOST }, () => open(streams, "greedy").body?.getReader());
  await reader?.read();
  const next = reader?.read();
  // The stream hears of it in a turn of its own.
  await Bun.sleep(0);
  open(streams, "operator");
  expect(new TextDecoder().decode((await next)?.value)).toContain('"reason":"too many streams"');
  expect(await reader?.read()).toMatchObject({ done: true });
});

test("one that never reads is cut off when its time is over, and one that fails gives its place back", async () => {
  const clock = new FakeClock();
  const streams = new LiveStreams(clock);
  const stuck = Array.from({ length: MOST }, () => open(streams, "one"));
  clock.advance(605_000);
  await expect(stuck[0]?.text() as Promise<string>).rejects.toThrow("renew");
  const fails = () => {
    throw new Error("no");
  };
  for (let at = 0; at < 2 * MOST; at++)
    await expect(open(streams, "one", fails).text()).rejects.toThrow("no");
  expect(isRefused(streams, "one")).toBe(false);
});
