/** The SDK as it is served: one file without imports, made from src/client, that runs wherever there is a WebSocket. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { WrittenServer } from "./wire.ts";

const root = join(import.meta.dir, "../..");
const built = join(root, "src/http/client.generated.js");

test("the committed module is what `bun run build:client` makes", async () => {
  const command = [process.execPath, "build", "src/client/client.ts", "--format=esm", "--target=browser"];
  const { stdout, success } = Bun.spawnSync(command, { cwd: root });
  expect(success).toBe(true);
  expect(await Bun.file(built).text()).toBe(stdout.toString());
});

test("it imports nothing, and names neither runtime", async () => {
  const text = await Bun.file(built).text();
  expect(text).not.toMatch(/^\s*import\b|\bimport\(|\brequire\(|\bBun\b|\bDeno\b|\bnode:/m);
});

const script = `
  const { connect } = await import(process.argv[2]);
  const client = await connect(process.argv[3]);
  const { user } = await client.login({ name: "ann" });
  const room = await client.join("lobby");
  const said = room.messages.next("said");
  const reply = await room.request("echo", { n: 1 });
  console.log(JSON.stringify([user.name, room.users.length, reply, await said]));
  console.log(JSON.stringify(await room.request("slow", null, { timeout: 5 }).catch(({ code }) => code)));
  await client.close();
`;

/** Each way to run a script with the module; Node has a WebSocket from 22 on, 20 behind a flag. */
const runtimes: [name: string, command: string[]][] = [
  ["bun", ["run"]],
  ["deno", ["run", "-A"]],
  ["node", ["--experimental-websocket", "--no-warnings"]],
];

for (const [name, flags] of runtimes) {
  test.skipIf(!Bun.which(name))(
    `it connects, joins, asks and closes on ${name}`,
    async () => {
      await using server = new WrittenServer((frame, server) => {
        if (frame.event === "login") return { user: { id: "u1", name: frame.data.name }, session: "s" };
        if (frame.event === "join")
          return { room: frame.room, type: "chat", users: [{ id: "u1", name: "ann" }] };
        if (frame.type !== "echo") return undefined;
        server.send({ event: "message", room: "lobby", type: "said", data: 7 });
        return frame.data;
      });
      await using folder = await temporary({ "script.mjs": script });
      const command = [name, ...flags, join(folder.path, "script.mjs"), built, server.url];
      const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
      const [output, errors] = await Promise.all(
        [child.stdout, child.stderr].map((pipe) => new Response(pipe).text()),
      );
      expect(errors).toBe("");
      expect(output?.trim().split("\n")).toEqual(['["ann",1,{"n":1},7]', '"timeout"']);
      expect(await child.exited).toBe(0);
    },
    30_000,
  );
}

async function temporary(files: Record<string, string>) {
  const { mkdtemp, rm, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const path = await mkdtemp(join(tmpdir(), "hotroom-client-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
