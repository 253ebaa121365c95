/** A script that logs as much as it can, and somebody who reads the log that goes away. */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, startServer, type TestServer } from "../e2e/harness.ts";
import { onEachRuntime, type Runtime } from "../e2e/runtimes.ts";
import { resident } from "./resident.ts";
import { Victim, victimFiles } from "./victim.ts";

const flood = `import { defineRoom } from "hotroom";
const line = "x".repeat(5_000);
export default defineRoom({
  tickRate: 60,
  tick() { for (let i = 0; i < 100; i++) console.log(line); },
});
`;
const limits = { log: 1_000_000, logRate: 1_000_000, logBytes: 1_000_000_000, output: 10_000_000 };
const files = {
  ...victimFiles,
  // Within the default limits, and six times as long where it is written.
  "escapes.ts": `import { defineRoom } from "hotroom";
    const line = "\\u001b".repeat(9_000);
    export default defineRoom({ tickRate: 60, tick() { console.log(line); } });`,
  "flood/rooms/flood.ts": flood,
  "flood/hotroom.json": JSON.stringify({ rooms: "join", limits }),
};

/** MB that the server may grow by: what waits for a reader is 1 MB, what is shown of the newest lines 4, the rest is the runtime's. */
const GROWTH = 80;
const dropped = /log lines were dropped: standard output does not keep up/;

async function start(runtime: Runtime, logFile?: string): Promise<TestServer> {
  const args = ["--hosts", "1", "--inbound-rate", "0"];
  const config = { ceilings: { logRate: limits.logRate, logBytes: limits.logBytes } };
  return startServer({ runtime, files, args, config, ...(logFile !== undefined && { logFile }) });
}

/** Lets the flood go on for a while, and tells by how many MB the server has grown. */
async function grown(server: TestServer, victim: Victim): Promise<number> {
  const before = resident(server.pid);
  await victim.goesOn(400);
  return resident(server.pid) - before;
}

/** Makes a folder a disk of 2 MB; returns true if that is allowed here. */
function mount(folder: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]).status === 0;
}

function unmount(folder: string): void {
  spawnSync("umount", ["-l", folder]);
}

const probe = makeFolder();
const canMount = process.platform === "linux" && mount(probe);
if (canMount) unmount(probe);

onEachRuntime("the log", (runtime) => {
  test("an application writes no more bytes in a second than it may, however they are escaped", async () => {
    const server = await start(runtime);
    const victim = await Victim.start(server);
    const [before, since] = [server.output().length, performance.now()];
    await server.user("escapes", "ann", "r");
    await victim.goesOn(400);
    const seconds = (performance.now() - since) / 1000;
    expect(server.output().length - before).toBeGreaterThan(100_000);
    // Five seconds' worth at once.
    expect(server.output().length - before).toBeLessThan(64 * 1024 * (5 + seconds) + 10_000);
    expect((await victim.stop()).wrongs).toEqual([]);
    await server.stop();
  });

  test("a reader that stops reading keeps nobody waiting, and hears later how much it has missed", async () => {
    const server = await start(runtime);
    const victim = await Victim.start(server);
    await victim.goesOn(20);
    server.log.pause();
    const flooder = await server.user("flood", "ann", "r");
    expect(await grown(server, victim)).toBeLessThan(GROWTH);
    flooder.close();
    server.log.resume();
    await server.logged(dropped);
    expect((await victim.stop()).wrongs).toEqual([]);
    await server.stop();
  });

  test("a reader that has gone keeps nobody waiting, and the server ends when it is told to", async () => {
    const server = await start(runtime);
    const victim = await Victim.start(server);
    await victim.goesOn(20);
    server.log.destroy();
    await server.user("flood", "ann", "r");
    expect(await grown(server, victim)).toBeLessThan(GROWTH);
    expect((await victim.stop()).wrongs).toEqual([]);
    server.signal("SIGTERM");
    expect(await server.exited()).toBe(0);
    await server.kill();
  });

  const full = canMount ? test : test.skip;
  full("a full disk keeps nobody waiting, and the log goes on when it has room again", async () => {
    const folder = makeFolder();
    mount(folder);
    const ballast = join(folder, "ballast");
    writeFileSync(ballast, new Uint8Array(1_800_000));
    const server = await start(runtime, join(folder, "log"));
    try {
      const victim = await Victim.start(server);
      await victim.goesOn(20);
      const flooder = await server.user("flood", "ann", "r");
      expect(await grown(server, victim)).toBeLessThan(GROWTH);
      flooder.close();
      rmSync(ballast);
      await server.logged(dropped);
      expect((await victim.stop()).wrongs).toEqual([]);
      await server.stop();
    } finally {
      await server.kill();
      unmount(folder);
    }
  });
});
