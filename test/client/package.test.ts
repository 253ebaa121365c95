/** The SDK as others depend on it: `hotroom/client` in a package, its types, and a WebSocket class where a runtime has none. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { clientTypes } from "../../.ci/client_types.ts";
import { makeFolder } from "../e2e/harness.ts";
import { SessionServer } from "./session_server.ts";

setDefaultTimeout(60_000);
const root = join(import.meta.dir, "../..");

/** A project that depends on this package. */
function project(files: Record<string, string>): string {
  const folder = makeFolder({ "package.json": '{ "type": "module" }', ...files });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/hotroom"));
  return folder;
}

async function run(command: string[], cwd: string) {
  const child = Bun.spawn(command, { cwd, stdout: "pipe", stderr: "pipe" });
  const texts = await Promise.all([child.stdout, child.stderr].map((pipe) => new Response(pipe).text()));
  return { output: texts.join("").trim(), status: await child.exited };
}

test("the committed types are what `bun run build:client` makes", () => {
  expect(readFileSync(join(root, "src/http/client_types.generated.d.ts"), "utf8")).toBe(clientTypes());
});

const program = `
import { connect, HotroomClientError, mayReconnect, type Member, type Room } from "hotroom/client";

type Chat = { messages: { say(room: unknown, user: unknown, data: { text: string }): { length: number } } };
const client = await connect("ws://127.0.0.1:8080/ws/chat", { store: true, reconnect: { maxDelay: 5000 } });
client.on("back", ({ outcome, missed }) => console.log(outcome === "resumed", missed + 1));
client.on("reset", ({ lost }) => lost.map((room) => room?.toUpperCase()));
const { user, grace } = await client.login({ name: "ann" });
const room: Room<Chat> = await client.join<Chat>("lobby");
const away: Member[] = room.users.filter(({ connected }) => !connected);
const { length } = await room.request("say", { text: "hi" }, { timeout: 1000 });
room.on("disconnect", ({ name }) => name.trim());
// @ts-expect-error there is no such message
room.send("shout");
// @ts-expect-error there is no such event
client.on("gone", () => {});
try {
  client.simulate.freeze(100);
} catch (error) {
  if (error instanceof HotroomClientError && error.code === "queue_full") mayReconnect(1006);
}
export const all: [string, number, number, Member[]] = [user.name, length, grace ?? 0, away];
`;

test("a program in an editor's eyes gets the types of hotroom/client, whatever its compiler's mode", async () => {
  const folder = project({ "program.ts": program });
  for (const mode of [
    ["nodenext", "nodenext"],
    ["preserve", "bundler"],
  ] as const) {
    const [module, moduleResolution] = mode;
    const flags = `--noEmit --strict --target es2022 --lib es2023,dom --types --skipLibCheck false`.split(
      " ",
    );
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const modes = ["--module", module, "--moduleResolution", moduleResolution];
    const checked = await run([process.execPath, compiler, ...flags, ...modes, "program.ts"], folder);
    expect(checked).toEqual({ output: "", status: 0 });
  }
});

test("/client.d.ts is one file that needs no other", async () => {
  const types = readFileSync(join(root, "src/http/client_types.generated.d.ts"), "utf8");
  expect(types).not.toMatch(/^\s*import\b|\bimport\(|\bfrom "/m);
  const folder = makeFolder({
    "client.d.ts": types,
    "program.ts": program.replace("hotroom/client", "./client.js"),
  });
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const flags = "--noEmit --strict --target es2022 --lib es2023,dom --types --module preserve program.ts";
  expect(await run([process.execPath, compiler, ...flags.split(" ")], folder)).toEqual({
    output: "",
    status: 0,
  });
});

const script = `
  import { connect } from "hotroom/client";
  const WebSocket = process.argv[3] ? (await import(process.argv[3])).ws : undefined;
  const client = await connect(process.argv[2], { WebSocket, reconnect: { minDelay: 5 } }).catch((error) => error);
  if (client instanceof Error) {
    console.log(client.message);
  } else {
    await client.login({ name: "ann" });
    const room = await client.join("lobby");
    client.simulate.drop();
    console.log(await room.request("ask", "back"));
    await client.close();
  }
`;

const runtimes: [name: string, command: string[]][] = [
  ["bun", ["bun", "run"]],
  ["deno", ["deno", "run", "-A"]],
  ["node", ["node", "--no-warnings", "--experimental-websocket"]],
];
for (const [name, command] of runtimes) {
  test.skipIf(!Bun.which(name))(`hotroom/client works from a package on ${name}`, async () => {
    await using server = new SessionServer();
    const folder = project({ "script.js": script });
    expect(await run([...command, "script.js", server.url], folder)).toEqual({ output: "back", status: 0 });
  });
}

test.skipIf(!Bun.which("node"))(
  "without a WebSocket Node is told what to give, and works with it",
  async () => {
    await using server = new SessionServer();
    const folder = project({ "script.js": script });
    const node = ["node", "--no-warnings", "--no-experimental-websocket", "script.js", server.url];
    expect(await run(node, folder)).toEqual({
      output: `Cannot connect to ${server.url}: this runtime has no WebSocket; give one as the option WebSocket.`,
      status: 0,
    });
    const ws = join(root, "node_modules/playwright-core/lib/utilsBundle.js");
    expect(await run([...node, ws], folder)).toEqual({ output: "back", status: 0 });
  },
);

test("deno.json exports the same as package.json", () => {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));
  const [node, deno] = [read("package.json"), read("deno.json")];
  expect(Object.keys(deno.exports)).toEqual(Object.keys(node.exports));
  expect(deno.version).toBe(node.version);
  const { types, default: module } = node.exports["./client"];
  for (const path of [types, module, ...Object.values<string>(deno.exports)])
    expect([path, existsSync(join(root, path))]).toEqual([path, true]);
  expect(dirname(types)).toBe(dirname(module));
});
