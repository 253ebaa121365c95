import { expect, test } from "bun:test";
import { LoadHistory } from "../../../src/core/view/load_history.ts";
import type { ApplicationView } from "../../../src/core/view/server_view.ts";
import { FakeClock } from "../fake_clock.ts";

const usage = (events: number, cpu = events) => ({
  cpu,
  events,
  effects: 2 * events,
  bytes: 0,
  failures: { timeout: 1, refused: events },
  logLinesDropped: 0,
});
const application = (name: string, events: number): ApplicationView => ({
  name,
  status: "running",
  connectionCount: 3,
  userCount: 2,
  roomCount: 1,
  usage: usage(events),
  sandboxes: { count: 1, memory: 4096 },
});

test("each interval has a point with what was used in it, of the last hour", () => {
  const clock = new FakeClock();
  let applications = [application("chat", 10)];
  const history = new LoadHistory({ applications: () => applications }, clock);
  clock.advance(5000);
  applications = [application("chat", 14)];
  clock.advance(5000);
  expect(history.points("chat").at(-1)).toEqual({
    at: clock.now(),
    cpu: 4,
    events: 4,
    effects: 8,
    failures: 4,
    users: 2,
    rooms: 1,
    connections: 3,
    memory: 4096,
  });
  clock.advance(2 * 3_600_000);
  expect(history.points("chat")).toHaveLength(720);
  expect(history.points("chat").at(-1)?.events).toBe(0);

  // It was taken away, and has come back.
  applications = [application("chat", 3)];
  clock.advance(5000);
  expect(history.points("chat").at(-1)?.events).toBe(3);
  applications = [];
  clock.advance(5000);
  expect(history.points("chat")).toEqual([]);
  history.close();
  expect(clock.pending).toBe(0);
});

test("of a great many applications the first ones are followed", () => {
  const clock = new FakeClock();
  const many = Array.from({ length: 101 }, (_, index) => application(`a${index}`, 1));
  const history = new LoadHistory({ applications: () => many }, clock);
  clock.advance(5000);
  expect(history.points("a99")).toHaveLength(1);
  expect(history.points("a100")).toEqual([]);
});
