/** What nothing may keep from ending: a server that is told to stop, in the time that it has for that. */
import { afterAll, afterEach, expect, test } from "bun:test";
import { startServer, type TestServer } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { endHangs, hangingFiles, hangs } from "./hangs.ts";
import { Victim, victimFiles } from "./victim.ts";

/** How long each server may take, ms; what hangs does so for ever, or for many times that. */
const DRAIN_MS = 1500;

onEachRuntime(
  "stopping",
  (runtime) => {
    const times: string[] = [];
    afterEach(endHangs);
    const start = (under: readonly string[] = []) =>
      startServer({
        runtime,
        under,
        files: { ...victimFiles, ...hangingFiles },
        args: ["--drain", String(DRAIN_MS), "--hosts", "1", "--inbound-rate", "0"],
      });

    for (const { name, under, givenUp, begin } of hangs) {
      test(`[P103] ${name}: it ends with status 0, and clients are told to come back`, async () => {
        const server = await start(under);
        const client = await server.connect("sockets");
        await client.settle();
        await begin(server);
        const told = performance.now();
        server.signal("SIGTERM");
        expect((await client.closed).code).toBe(4000);
        expect(await server.exited()).toBe(0);
        times.push(`${name} ${(performance.now() - told).toFixed(0)} ms`);
        if (givenUp) expect(server.output()).toMatch(givenUp);
        await server.kill();
      });
    }

    test("[B7] script hosts that are stopped while people play are replaced, and nobody loses anything", async () => {
      const server: TestServer = await start();
      const victim = await Victim.start(server);
      expect(await victim.goesOn(20)).toEqual([]);
      const stopped = server.hostPids();
      for (const pid of stopped) process.kill(pid, "SIGSTOP");
      expect(await victim.goesOn(100)).toEqual([]);
      const { sent, answered, seen, wrongs } = await victim.stop();
      expect(wrongs).toEqual([]);
      expect({ answered, seen }).toEqual({ answered: sent, seen: sent });
      expect(server.output()).toContain("it does not run: a signal has stopped it");
      await server.stop();
    });

    afterAll(() => console.log(`stopping within ${DRAIN_MS} ms, on ${runtime}: ${times.join(", ")}`));
  },
  ["bun", "deno"],
);
