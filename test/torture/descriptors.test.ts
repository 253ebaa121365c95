/** Connections that say nothing take all file descriptors that a server may have. */
import { expect, test } from "bun:test";
import { cpuTime } from "../../src/process/process_cpu.ts";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { Crowd } from "./crowd.ts";
import { Victim, victimFiles } from "./victim.ts";

/** Descriptors of a server under attack, and connections that attack it. */
const LIMIT = 128;
const CROWD = 200;
const args = ["--hosts", "1", "--inbound-rate", "0"];
const under = ["sh", "-c", `ulimit -n ${LIMIT} && exec "$0" "$@"`];
const full = /No file descriptors left|the most that may be/g;

/** The share of a core that a server uses while its victim counts on. */
async function share(server: TestServer, victim: Victim): Promise<number> {
  const [cpu, time] = [cpuTime(server.pid) ?? 0, performance.now()];
  await victim.goesOn(200);
  return ((cpuTime(server.pid) ?? 0) - cpu) / (performance.now() - time);
}

onEachRuntime("file descriptors", (runtime) => {
  test("a server without any answers its clients, gets a new script host, and takes clients again", async () => {
    const server = await startServer({ runtime, files: victimFiles, args, under });
    const victim = await Victim.start(server);
    const crowd = new Crowd(server.port);
    try {
      await crowd.open(CROWD);
      await server.logged(full);
      expect(await victim.goesOn(20)).toEqual([]);
      // A server that tries to take what it can't uses all of it.
      expect(await share(server, victim)).toBeLessThan(0.5);

      const before = server.hostPids();
      for (const pid of before) process.kill(pid, "SIGKILL");
      expect(await victim.goesOn(20)).toEqual([]);
      await until("another script host", () => server.hostPids().some((pid) => !before.includes(pid)));

      crowd.leave();
      await until("a client to be let in", () => server.user("victim", "late", "hall"));
      expect(server.output().match(full)?.length).toBeLessThan(4);
      expect((await victim.stop()).wrongs).toEqual([]);
    } finally {
      crowd.leave();
      await server.kill();
    }
  });

  test("a server without any ends when it is told to", async () => {
    const server = await startServer({ runtime, files: victimFiles, args, under });
    const client = await server.user("victim", "ann", "hall");
    const crowd = new Crowd(server.port);
    try {
      await crowd.open(CROWD);
      await server.logged(full);
      server.signal("SIGTERM");
      expect((await client.closed).code).toBe(4000);
      expect(await server.exited()).toBe(0);
    } finally {
      crowd.leave();
      await server.kill();
    }
  });
});
