/** What `bun pm pack` makes, installed into an empty folder: the command by `bunx`, and what programs import. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, until } from "./harness.ts";

setDefaultTimeout(120_000);
const root = join(import.meta.dir, "../..");

async function run(cwd: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, HOTROOM_CACHE: "none" };
  const child = Bun.spawn([process.execPath, ...args], { cwd, env, stdout: "pipe", stderr: "pipe" });
  const [out, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`Cannot run ${args.join(" ")}:\n${out}${error}`);
  return out;
}

test("the packed command makes a folder and serves it, and programs import the server and the client", async () => {
  const packed = makeFolder();
  await run(root, "pm", "pack", "--quiet", "--destination", packed);
  const [tarball = ""] = readdirSync(packed);
  const folder = makeFolder({
    "package.json": '{ "type": "module" }',
    "program.ts": `
      import { startServer } from "hotroom";
      import { connect } from "hotroom/client";
      console.log(typeof startServer, typeof connect);`,
  });
  await run(folder, "add", join(packed, tarball));
  const installed = join(folder, "node_modules/hotroom");
  const own = readdirSync(installed).filter((name) => !/^\.|^node_modules$/.test(name));
  expect(own.sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "docs",
    "extensions",
    "mod.ts",
    "package.json",
    "src",
  ]);
  expect(existsSync(join(installed, "src/client/go"))).toBe(false);

  expect(await run(folder, "x", "hotroom", "--help")).toContain("Usage: hotroom");
  const made = await run(folder, "x", "hotroom", "init", "mine");
  expect(made).toContain("Made in mine");
  expect(made).toContain("hotroom dev --extensions mine");
  expect(readFileSync(join(folder, "mine/chat.ts"), "utf8")).toContain("defineRoom");
  expect(await run(folder, "run", "program.ts")).toBe("function function\n");

  await whileRunning(folder, ["serve", "--port", "0", "--extensions", "mine"], async (address) => {
    expect((await fetch(`${address}/client.js`)).status).toBe(200);
  });
  await whileRunning(folder, ["dev", "--no-open", "--port", "0"], async (address) => {
    expect((await fetch(`${address}/docs/TESTING.md`)).status).toBe(200);
    expect(existsSync(join(folder, "extensions/arena.ts"))).toBe(true);
  });
});

/** Runs the command in a folder with the package; `use` is called once the applications are loaded. */
async function whileRunning(folder: string, args: string[], use: (address: string) => Promise<void>) {
  // As `x` runs it, without a process between that would have to pass signals on.
  const command = join(folder, "node_modules/.bin/hotroom");
  const env = { ...process.env, HOTROOM_CACHE: "none" };
  const log = join(folder, `${args[0]}.log`);
  const server = Bun.spawn([process.execPath, command, ...args], { cwd: folder, env, stdout: Bun.file(log) });
  try {
    const address = await until(
      "the server's address",
      () => readFileSync(log, "utf8").match(/listening on (\S+)/)?.[1],
    );
    await until("the applications", async () => (await fetch(`${address}/healthz`)).status === 200);
    await use(address);
  } finally {
    server.kill();
    expect(await server.exited).toBe(0);
  }
}
