/** The command line, and how the server goes. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flagOf, variableOf } from "../../src/cli/config.ts";
import { settingKeys } from "../../src/cli/server_settings.ts";
import { stopSignals } from "../../src/process/stop_signal.ts";
import { makeFolder, runCommand, startServer, stopAll, type TestServer, until } from "./harness.ts";
import { onEachRuntimeAndExecutable } from "./runtimes.ts";

const good = `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    events: { close(room, reason) { console.log("closing", reason); } },
    messages: { hello: () => "hello" },
  });`;
const { version } = JSON.parse(readFileSync(join(import.meta.dir, "../../package.json"), "utf8"));

onEachRuntimeAndExecutable("the command line", (runtime) => {
  afterAll(stopAll);

  test("tests of other runners keep nobody from an edit, and what is no script because of its name is told by check", () => {
    const spec = 'import { describe } from "vitest"; describe("x", () => {});';
    const folder = makeFolder({
      "chat.mts": good,
      "chat.spec.ts": spec,
      "game/app.ts": 'import { defineApplication } from "hotroom"; export default defineApplication({});',
      "game/app.cts": good,
      "game/lib/part.mts": "",
      "game/lib/board.spec.ts": spec,
      "game/rooms/match.tsx": good,
      "game/rooms/match.spec.ts": spec,
      "game/rooms/match.spec.tsx": spec,
      "game/public/main.tsx": "",
    });
    const { output, status } = runCommand(runtime, ["check", "--extensions", folder]);
    const passedOver = (path: string) =>
      `warning: ${path} is passed over: the name of a script ends with .ts or .js.`;
    expect([status, ...output.trim().split("\n")]).toEqual([
      0,
      "game: ok (app, pages)",
      ...["chat.mts", "game/app.cts", "game/rooms/match.tsx"].map(passedOver),
    ]);
    rmSync(folder, { recursive: true });
  });

  test("--version prints the version, --help the commands and flags", () => {
    const shown = runCommand(runtime, ["--version"]);
    const commit =
      runtime === "executable" && existsSync(join(import.meta.dir, "../../.git"))
        ? / \([0-9a-f]{7,40}, \d{4}-\d\d-\d\d\)/.source
        : "";
    expect(shown.stdout).toMatch(new RegExp(`^${RegExp.escape(version)}${commit}\n$`));
    expect(shown.status).toBe(0);
    const help = runCommand(runtime, ["--help"]);
    expect(help.status).toBe(0);
    for (const word of ["serve", "check", "init"]) expect(help.stdout).toContain(word);
    const serve = runCommand(runtime, ["serve", "--help"]);
    for (const key of settingKeys) {
      expect(serve.stdout).toContain(flagOf(key));
      expect(serve.stdout).toContain(variableOf(key));
    }
  });

  test("what it does not know it says, and exits with 2, and with 1 where it tries and that fails", () => {
    for (const [asked, told, status] of [
      ["serve --prot 8080", "--prot", 2],
      ["serve --port 99999", "port", 2],
      ["roms chat", "there is no command 'roms'\n(Did you mean rooms?)", 2],
      ["stat --port 8080", "there is no command 'stat'\n(Did you mean serve?)", 2],
      ["check --extensions no/such/folder", "no/such/folder", 1],
    ] as const) {
      const { status: exited, output } = runCommand(runtime, asked.split(" "));
      expect([exited, output]).toEqual([status, expect.stringContaining(told)]);
    }
  });

  test("a port that is taken is said in one line, and the exit code is not 0", async () => {
    const server = await startServer({ runtime, files: { "good.ts": good } });
    const result = runCommand(runtime, [
      "serve",
      "--port",
      String(server.port),
      "--extensions",
      server.folder,
    ]);
    expect(result.status).not.toBe(0);
    expect(result.output).toContain(String(server.port));
    await server.stop();
  });

  test("serving writes the types for editors beside the executable, and nothing into a clone's folder", async () => {
    const server = await startServer({ runtime, files: { "good.ts": good } });
    const types = join(server.folder, ".hotroom/hotroom.d.ts");
    if (runtime === "executable") await until("the types", () => existsSync(types));
    else expect(existsSync(types)).toBe(false);
    await server.stop();
  });

  test("a server that starts again strips nothing anew, but what has become unreadable", async () => {
    const cache = makeFolder();
    const started = async () => {
      const server = await startServer({
        runtime,
        files: { "good.ts": good },
        env: { HOTROOM_CACHE: cache },
      });
      const client = await server.user("good", "ann", "hall");
      expect(await client.ask("hall", "hello")).toBe("hello");
      const strippers = server.hostPids("strip-types").length;
      await until("the entry", () => readdirSync(cache).length === 1);
      await server.stop();
      return strippers;
    };
    expect(await started()).toBe(1);
    expect(await started()).toBe(0);
    for (const name of readdirSync(cache)) truncateSync(join(cache, name), 100);
    expect(await started()).toBe(1);
    rmSync(cache, { recursive: true });
  });

  test("init makes a folder that serves and checks", () => {
    const cwd = makeFolder();
    const made = runCommand(runtime, ["init"], cwd);
    expect(made.status).toBe(0);
    const checked = runCommand(runtime, ["check"], cwd);
    expect(checked).toMatchObject({ status: 0 });
    rmSync(cwd, { recursive: true });
  });

  test("a setting comes from the flag, else the environment, else hotroom.config.json", async () => {
    const folder = makeFolder({ "good.ts": good, "hotroom.config.json": `{ "hosts": 2, "spare": false }` });
    const config = ["--config", join(folder, "hotroom.config.json")];
    const fromFile = await startServer({ runtime, files: { "good.ts": good }, args: config });
    expect(fromFile.hostPids()).toHaveLength(2);
    await fromFile.stop();
    const fromEnv = await startServer({
      runtime,
      files: { "good.ts": good },
      args: config,
      env: { HOTROOM_HOSTS: "1" },
    });
    expect(fromEnv.hostPids()).toHaveLength(1);
    await fromEnv.stop();
    writeFileSync(join(folder, "hotroom.config.json"), `{ "hots": 2 }`);
    const wrong = runCommand(runtime, ["check", "--extensions", folder, ...config]);
    expect(wrong.status).not.toBe(0);
    expect(wrong.output).toContain("hots");
    rmSync(folder, { recursive: true });
  });

  test("what is named or said outside can't begin a line of the log, nor steer a terminal", async () => {
    const forged = "\n12:00:00.000 ERROR forged\u001b[2J\u2028\u202e";
    const said = JSON.stringify(forged);
    const server = await startServer({
      runtime,
      files: {
        "good.ts": good,
        [`a${forged}.ts`]: good,
        [`b${forged}/rooms/hall.ts`]: good,
        [`c/rooms/d${forged}.ts`]: good,
        "e/rooms/hall.ts": `import "./f${forged.replace("\n", "\\n")}.ts";`,
        "g/hotroom.json": JSON.stringify({ [`h${forged}`]: 1 }),
        "g/rooms/hall.ts": good,
        "i.ts": `throw new Error(${said});`,
        "talker.ts": `
          import { defineRoom } from "hotroom";
          export default defineRoom({
            messages: {
              say: (room, user, data) => { console.log(${said}, data); },
              fail() { throw new Error(${said}); },
            },
          });`,
      },
    });
    const client = await server.user("talker", "ann", "hall");
    await client.ask("hall", "say", forged);
    await client.fails({ event: "message", room: "hall", type: "fail" });
    server.write(`k${forged}.ts`, "export default {\n  a b\n};");
    for (const name of ["a", "b", "c", "e", "g", "i", "k", "talker/hall"])
      await server.logged(new RegExp(`ERROR ${name}\\b`));
    const outputs = [server.output(), runCommand(runtime, ["check", "--extensions", server.folder]).output];
    for (const output of outputs) {
      expect(output).toContain("ERROR forged\\u001b[2J\\u2028\\u202e");
      expect(output).not.toMatch(/^12:00:00|(?!\n)[\p{Cc}\u2028\u202e]/mu);
    }
    await server.stop();
  });
});

const limited = {
  "good.ts": good,
  "limited/rooms/limited.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({ messages: { work() { for (;;); } } });`,
  "limited/hotroom.json": `{ "rooms": "join", "limits": { "cpuRate": 0.1, "cpuBurst": 30 } }`,
};

onEachRuntimeAndExecutable("stopping", (runtime) => {
  test.each(stopSignals)(
    "%s drains: events in hand finish, clients are told to come back, the exit code is 0",
    async (signal) => {
      const server = await startServer({ runtime, files: { "good.ts": good } });
      const hosts = server.hostPids();
      const client = await server.user("good", "ann", "hall");
      const asked = client.ask("hall", "hello");
      await asked;
      server.signal(signal);
      expect((await client.closed).code).toBe(4000);
      expect(await server.exited()).toBe(0);
      expect(server.output()).toMatch(/good\/hall .*closing/);
      expect(server.output()).toMatch(/ Stopped after \d+ ms\.\n$/);
      // Nothing of it is left.
      for (const pid of hosts) expect(() => process.kill(pid, 0)).toThrow();
      await server.kill();
    },
  );

  /** A server that would drain for an hour, since events wait for their application's CPU rate. */
  async function draining(...args: string[]): Promise<TestServer> {
    const server = await startServer({ runtime, files: limited, args: ["--drain", "3600000", ...args] });
    const client = await server.user("limited", "ann", "hall");
    for (let n = 0; n < 50; n++) client.send({ event: "message", room: "hall", type: "work" });
    await client.settle();
    return server;
  }

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGQUIT", 131],
  ] as const)(
    "a second signal ends it at once; that of %s by status %d, a second SIGHUP does not",
    async (signal, status) => {
      const server = await draining();
      for (let n = 0; n < 2; n++) {
        server.signal("SIGHUP");
        await server.logged(/SIGHUP: draining/);
        expect((await fetch(`${server.url}/healthz`)).status).toBe(503);
      }
      server.signal(signal);
      expect(await server.exited()).toBe(status);
      await server.kill();
    },
  );

  test("with a drain of 0 it stops at once, and clients are told to come back all the same", async () => {
    const server = await draining("--drain", "0");
    const client = await server.connect("good");
    await client.settle();
    server.signal("SIGTERM");
    expect((await client.closed).code).toBe(4000);
    expect(await server.exited()).toBe(0);
    expect(server.output()).toMatch(/ Stopped after \d+ ms: \d+ events were not handled/);
    await server.kill();
  });

  test.skipIf(process.platform !== "linux")(
    "SIGHUP does nothing to a server that was started by nohup",
    async () => {
      const under = ["sh", "-c", `trap "" HUP; exec "$0" "$@"`];
      const server = await startServer({ runtime, files: { "good.ts": good }, under });
      const client = await server.user("good", "ann", "hall");
      server.signal("SIGHUP");
      expect(await client.ask("hall", "hello")).toBe("hello");
      server.signal("SIGTERM");
      expect(await server.exited()).toBe(0);
      expect(server.output()).not.toContain("SIGHUP");
      await server.kill();
    },
  );
});
