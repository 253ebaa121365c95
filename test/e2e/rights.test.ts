/** What the processes that handle untrusted code may do, know, and outlive. */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntimeAndExecutable } from "./runtimes.ts";

const source = `import { defineRoom } from "hotroom";
export default defineRoom({ messages: {
  ping: () => "pong",
  hang() { Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1); },
} });`;
const files = {
  "a.ts": source,
  "b/rooms/b.ts": source,
  "b/hotroom.json": '{"rooms":"join","limits":{"cpuHard":60000}}',
};
const config = { ceilings: { cpuHard: 60_000 } };
const secret = "not-for-scripts";

const isLinux = process.platform === "linux";
const canTether =
  isLinux && spawnSync("setpriv", ["--pdeathsig", "KILL", "--no-new-privs", "--", "true"]).status === 0;

/** Processes that the server started and that run, with what started them. */
function children({ pid }: TestServer): { pid: number; command: string[] }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), ...stat(Number(name)) }))
    .filter(({ parent, state }) => parent === pid && state !== "Z")
    .map(({ pid }) => ({
      pid,
      command: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1),
    }));
}

/** `cpu` is in ms; nothing of a process that is gone. */
function stat(pid: number): { state?: string; parent?: number; cpu?: number } {
  if (!existsSync(`/proc/${pid}/stat`)) return {};
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  const cpu = (Number(fields[11]) + Number(fields[12])) * 10;
  return { state: fields[0] ?? "", parent: Number(fields[1]), cpu };
}

/** A folder with the runtimes and no other program. */
function onlyRuntimes(): string {
  const folder = makeFolder();
  for (const name of ["bun", "deno"]) {
    const program = Bun.which(name);
    if (program) symlinkSync(realpathSync(program), join(folder, name));
  }
  return folder;
}

onEachRuntimeAndExecutable("rights", (runtime) => {
  const onLinux = test.skipIf(!isLinux);

  onLinux("neither script hosts nor the strip process know a secret of the server", async () => {
    const env = { HOTROOM_ADMIN_TOKEN: secret, DATABASE_URL: secret };
    const server = await startServer({ runtime, files, env, config });
    const all = children(server);
    expect(new Set(all.map(({ command }) => command.at(-1)))).toEqual(
      new Set(["script-host", "strip-types"]),
    );
    for (const { pid, command } of all) {
      expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain(secret);
      expect(command.join(" ")).not.toContain(secret);
    }
    await server.kill();
  });

  test.skipIf(runtime !== "deno" || !isLinux)("on Deno they may do nothing but read the engine", async () => {
    const server = await startServer({ runtime, files, config });
    const folder = makeFolder();
    const probe = join(folder, "probe.ts");
    writeFileSync(
      probe,
      `const names = ["read", "write", "net", "env", "run", "ffi", "sys"] as const;
      const granted = names.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
      console.log(granted.join(" ") + ".");`,
    );
    for (const { command } of children(server)) {
      const flags = command.slice(
        1,
        command.findIndex((argument) => argument.endsWith("mod.ts")),
      );
      expect(flags).toContain("--cached-only");
      expect(flags).toContain("--no-prompt");
      const { stdout } = spawnSync("deno", [...flags, probe], { encoding: "utf8" });
      expect([command.at(-1), stdout.trim()]).toEqual([command.at(-1), "."]);
    }
    await server.kill();
  });

  onLinux("signals that reach a whole process group end no host before the server has drained", async () => {
    const server = await startServer({ runtime, files: { "a.ts": source } });
    const ann = await server.user("a", "ann", "hall");
    const hosts = server.hostPids();
    for (const pid of hosts) for (const signal of ["SIGINT", "SIGTERM"] as const) process.kill(pid, signal);
    expect(await ann.ask("hall", "ping")).toBe("pong" as never);
    expect(server.hostPids()).toEqual(expect.arrayContaining(hosts));
    for (const pid of hosts) process.kill(pid, "SIGTERM");
    server.signal("SIGTERM");
    expect(await server.exited()).toBe(0);
    expect(server.output()).not.toContain("is gone");
    await until("the hosts to end", () => hosts.every((pid) => (stat(pid).state ?? "Z") === "Z"));
    await server.kill();
  });

  // By the kernel, and by themselves where no program asks it for that: there is nothing but the runtimes on the PATH.
  for (const by of canTether ? ["the kernel", "itself"] : ["itself"]) {
    const start = () =>
      startServer({ runtime, files, config, ...(by === "itself" ? { env: { PATH: onlyRuntimes() } } : {}) });
    const killed = async (server: TestServer, pid: number) => {
      const { cpu = 0 } = stat(pid);
      await until("the process to be busy", () => (stat(pid).cpu ?? 0) > cpu + 300);
      server.signal("SIGKILL");
      await until("the process to end", () => (stat(pid).state ?? "Z") === "Z");
      await server.kill();
    };

    onLinux(`a host that can't be interrupted goes with a server that is killed, by ${by}`, async () => {
      const server = await start();
      const ben = await server.user("b", "ben", "hall");
      const [pid = 0] = server.hostPids();
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      expect(command.endsWith(`\0${server.pid}\0`)).toBe(by === "itself");
      ben.send({ event: "message", room: "hall", type: "hang" });
      await killed(server, pid);
    });

    onLinux(`a strip process in a source that takes for ever goes with it too, by ${by}`, async () => {
      const server = await start();
      server.write("slow.ts", `let a = ${"a ? (b) : c => ".repeat(40)}1;`);
      const pid = await until("the strip process", () => {
        return children(server).find(({ command }) => command.includes("strip-types"))?.pid;
      });
      await killed(server, pid);
    });
  }
});
