/** The command line, and how the server goes. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flagOf, variableOf } from "../../src/cli/config.ts";
import { settingKeys } from "../../src/cli/server_settings.ts";
import { makeFolder, runCommand, startServer, stopAll, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const good = `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    events: { close(room, reason) { console.log("closing", reason); } },
    messages: { hello: () => "hello" },
  });`;
const { version } = JSON.parse(readFileSync(join(import.meta.dir, "../../package.json"), "utf8"));

onEachRuntime("the command line", (runtime) => {
  afterAll(stopAll);

  test("check says that all is well and exits 0, or prints every error and exits 1", () => {
    const folder = makeFolder({
      "good.ts": good,
      "syntax.ts": "export default {\n  a b\n};",
      "settings/hotroom.json": `{ "rooms": "everybody" }`,
      "settings/rooms/hall.ts": good,
    });
    const bad = runCommand(runtime, ["check", "--extensions", folder]);
    expect(bad.status).toBe(1);
    expect(bad.output).toMatch(/syntax\.ts:2:\d+/);
    expect(bad.output).toMatch(/hotroom\.json.*rooms/s);
    expect(bad.output).toContain("good");
    rmSync(join(folder, "syntax.ts"));
    rmSync(join(folder, "settings"), { recursive: true });
    const all = runCommand(runtime, ["check", "--extensions", folder]);
    expect(all.output).toContain("good");
    expect(all.status).toBe(0);
    rmSync(folder, { recursive: true });
  });

  test("check tells the place of errors that the engine tells without one, and of what it does not know", () => {
    const folder = makeFolder({
      "pattern.ts": `${good}\nconst found = /(unclosed/;`,
      "modifier.js": `${good}\nconst found = /(?i:a)b/;`,
      "typed.ts": `interface Card {}\nexport { Card };${good}`,
      "decorated.ts": `${good}\nclass Deck {\n  @log shuffle(): void {}\n}`,
      "parted/app.ts": "export default undefined;",
      "parted/rooms/hall.ts": `${good}\nimport "../lib/a.ts";`,
      "parted/lib/a.ts": "const a = {};\nexport const b = a.b.c;",
    });
    const { status, output } = runCommand(runtime, ["check", "--extensions", folder]);
    expect(status).toBe(1);
    expect(output).toContain("pattern.ts:7:15: SyntaxError: Invalid regular expression: /(unclosed/");
    expect(output).toContain("modifier.js:7:15: SyntaxError: invalid group: /(?i:a)b/");
    expect(output).toContain('typed.ts:2:10: Cannot export "Card"');
    expect(output).toContain("decorated.ts:8:3: Cannot use decorators");
    expect(output).toContain("lib/a.ts:2:1: TypeError: cannot read property 'c' of undefined");
    rmSync(folder, { recursive: true });
  });

  test("check warns of variables of a module that can change, and exits 0", () => {
    const folder = makeFolder({ "warned.ts": `let count = 0;\n${good.replace('"hello"', "++count")}` });
    const warned = runCommand(runtime, ["check", "--extensions", folder]);
    expect(warned.output).toMatch(/warned\.ts:1:5: .*"count"/);
    expect(warned.status).toBe(0);
    rmSync(folder, { recursive: true });
  });

  test("--version prints the version, --help the commands and flags", () => {
    expect(runCommand(runtime, ["--version"])).toMatchObject({ status: 0, stdout: `${version}\n` });
    const help = runCommand(runtime, ["--help"]);
    expect(help.status).toBe(0);
    for (const word of ["serve", "check", "init"]) expect(help.stdout).toContain(word);
    const serve = runCommand(runtime, ["serve", "--help"]);
    for (const key of settingKeys) {
      expect(serve.stdout).toContain(flagOf(key));
      expect(serve.stdout).toContain(variableOf(key));
    }
  });

  test("what it does not know it says, and exits other than 0", () => {
    const flag = runCommand(runtime, ["serve", "--prot", "8080"]);
    expect(flag.status).not.toBe(0);
    expect(flag.output).toContain("--prot");
    const port = runCommand(runtime, ["serve", "--port", "99999"]);
    expect(port.status).not.toBe(0);
    expect(port.output).toMatch(/port/i);
    const nothing = runCommand(runtime, ["check", "--extensions", "no/such/folder"]);
    expect(nothing.status).not.toBe(0);
    expect(nothing.output).toContain("no/such/folder");
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

  test.each(["SIGTERM", "SIGINT"] as const)(
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
      // Nothing of it is left.
      for (const pid of hosts) expect(() => process.kill(pid, 0)).toThrow();
      await server.kill();
    },
  );
});
