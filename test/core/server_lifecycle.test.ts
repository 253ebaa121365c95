import { expect, test } from "bun:test";
import { ServerLifecycle, type ServerParts } from "../../src/core/server_lifecycle.ts";
import { FakeClock } from "./fake_clock.ts";

const never = () => new Promise<never>(() => {});

/** Parts of a server that note what is done with them; `hanging` takes the place of those that stop as they should. */
function make(hanging: (done: string[]) => Partial<ServerParts>) {
  const clock = new FakeClock();
  const done: string[] = [];
  const log: string[] = [];
  const note = (what: string) => async () => void done.push(what);
  const parts: ServerParts = {
    watcher: { close: () => void done.push("watcher") },
    applications: { close: note("applications") },
    connections: { refuse: () => {}, close: () => void done.push("connections") },
    listener: { close: note("listener"), terminate: note("terminate") },
    scripts: {
      stop: async (ms) => {
        done.push(`scripts ${ms}`);
        return { events: 3, hosts: 1 };
      },
    },
    ...hanging(done),
  };
  const lifecycle = new ServerLifecycle(clock, (level, message) => log.push(`${level}: ${message}`));
  return { clock, done, log, lifecycle, parts };
}

/** Lets what was promised happen, and time pass, `ms` by `ms`. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    clock.advance(50);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("parts that stop as they should are stopped in order, and the scripts have what is left of the time", async () => {
  const { done, log, lifecycle, parts } = make(() => ({}));
  const stopped = lifecycle.stop(parts, 10_000);
  expect(lifecycle.state).toBe("draining");
  expect(await stopped).toEqual({ ms: 0, events: 3, hosts: 1 });
  expect(done).toEqual(["watcher", "applications", "connections", "listener", "scripts 10000"]);
  expect(await lifecycle.stop(parts, 0)).toEqual({ ms: 0, events: 3, hosts: 1 });
  expect(log).toEqual([]);
});

test("parts that never stop are given up: clients are closed two seconds before the end, hosts ended in the last one", async () => {
  const { clock, done, lifecycle, parts } = make((done) => ({
    applications: { close: never },
    listener: { close: never, terminate: async () => void done.push("terminate") },
    scripts: {
      stop: (ms) => {
        done.push(`scripts ${ms}`);
        return never();
      },
    },
  }));
  const stopped = lifecycle.stop(parts, 10_000);
  await pass(clock, 7900);
  expect(done).toEqual(["watcher"]);
  await pass(clock, 100);
  expect(done).toEqual(["watcher", "connections"]);
  await pass(clock, 1000);
  expect(done).toEqual(["watcher", "connections", "terminate", "scripts 1000"]);
  await pass(clock, 2000);
  expect(await stopped).toMatchObject({ events: 0, hosts: 0 });
});

test("clients have a moment for the close of their connections, however little time there is", async () => {
  const { clock, done, lifecycle, parts } = make((done) => ({
    applications: { close: never },
    listener: { close: never, terminate: async () => void done.push("terminate") },
  }));
  const stopped = lifecycle.stop(parts, 0);
  await pass(clock, 50);
  expect(done).toEqual(["watcher", "connections"]);
  await pass(clock, 250);
  await stopped;
  expect(done).toEqual(["watcher", "connections", "terminate", "scripts 0"]);
});

test("what fails while the server stops is logged, and the rest goes on", async () => {
  const fail = () => Promise.reject(new Error("broken"));
  const { log, lifecycle, parts } = make(() => ({
    watcher: {
      close() {
        throw new Error("broken");
      },
    },
    applications: { close: fail },
    listener: { close: fail, terminate: fail },
    scripts: { stop: fail },
  }));
  expect(await lifecycle.stop(parts, 1000)).toMatchObject({ events: 0, hosts: 0 });
  expect(log).toHaveLength(5);
  expect(log).toContain("error: Cannot close the applications: broken");
});
