/** How a link comes back, and what ends it. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "../../../src/client/client.ts";
import { makeFolder, until } from "../../e2e/harness.ts";
import { SessionServer } from "../session_server.ts";
import { inLobby, next, quick } from "../stage.ts";

const built = join(import.meta.dir, "../../../src/http/client.generated.js");

test("[P103] a server that stops with 4000 and starts again finds its clients back, with nobody asking for it", async () => {
  const first = new SessionServer();
  const { port } = first;
  await using client = await connect(first.url, quick);
  await client.login({ name: "ann" });
  const room = await client.join("lobby");
  const closed: number[] = [];
  client.on("away", ({ code }) => closed.push(code));
  first.sockets[0]?.close(4000, "server_shutdown");
  await first[Symbol.asyncDispose]();
  await until("the client to be away", () => client.state === "away");
  const back = next(client, "back");
  await using second = new SessionServer(port);
  await back;
  expect(closed).toEqual([4000]);
  expect(client.user?.name).toBe("ann");
  expect(await room.request("ask", 1)).toBe(1);
  expect(second.frames.map(({ event }) => event).filter((event) => event !== "ping")).toEqual([
    "reconnect",
    "login",
    "join",
    "message",
  ]);
});

test("close() while the client is away ends it at once, and it stays closed", async () => {
  await using stage = await inLobby();
  const { proxy, client, room } = stage;
  proxy.isUp = false;
  const away = next(client, "away");
  proxy.cut("rst");
  await away;
  const asked = room.request("ask", 1).catch(({ code }) => code);
  const opened = proxy.opened;
  expect(await client.close()).toMatchObject({ code: 1000 });
  expect(await asked).toBe("closed");
  proxy.isUp = true;
  expect([client.state, proxy.opened]).toEqual(["closed", opened]);
});

test("close() says 1000, so that the server keeps no place; a drop does not", async () => {
  await using stage = await inLobby();
  const { server, client } = stage;
  const back = next(client, "back");
  client.simulate.drop();
  await back;
  await until("the drop at the server", () => server.closes.length === 1);
  expect(server.closes[0]).not.toBe(1000);
  await client.close();
  await until("the close at the server", () => server.closes.length === 2);
  expect(server.closes[1]).toBe(1000);
});

test("a join that takes its time is not taken for a dead connection", async () => {
  await using stage = await inLobby({ liveness: 2_000 });
  const { server, client, events } = stage;
  let pings = 0;
  let release = () => {};
  server.intercept = (frame, socket) => {
    // As a server does it, frames wait behind a join.
    if (frame.event === "ping") return ++pings > 0;
    if (frame.event !== "join") return false;
    release = () => {
      const data = { room: "slow", type: "chat", users: [client.user] };
      socket.send(JSON.stringify({ id: frame.id, ok: true, data }));
    };
    return true;
  };
  const joining = client.join("slow");
  await until("a ping behind the join", () => pings > 0);
  await Bun.sleep(800); // Longer than an answer may take elsewhere, and shorter than the liveness.
  release();
  expect((await joining).name).toBe("slow");
  expect(events).toEqual([]);
});

test("simulate.delay and simulate.freeze hold frames back in order", async () => {
  await using stage = await inLobby({ liveness: 10_000 });
  const { server, client, room, heard, events } = stage;
  client.simulate.delay(20);
  const asked = [room.request("ask", 1), room.request("ask", 2)];
  server.said("late");
  expect(await Promise.all(asked)).toEqual([1, 2]);
  client.simulate.delay(0);
  client.simulate.freeze(60);
  server.said("later");
  expect(await room.request("ask", 3)).toBe(3);
  expect([heard, events]).toEqual([["late", "later"], []]);
});

test("a freeze that is longer than the liveness ends in a reconnect, and nothing is missed", async () => {
  await using stage = await inLobby({ liveness: 200 });
  const { server, client, heard, events } = stage;
  const back = next(client, "back");
  client.simulate.freeze(500);
  server.said("latest");
  await back;
  await until("what was said", () => heard.length === 1);
  expect(heard).toEqual(["latest"]);
  expect(events[0]).toBe("away");
});

const script = `
  const { connect } = await import(process.argv[2]);
  globalThis.process?.on?.("unhandledRejection", (error) => console.log("unhandled", error));
  const client = await connect(process.argv[3], { reconnect: { minDelay: 5 }, liveness: 60_000 });
  await client.login({ name: "ann" });
  const room = await client.join("lobby");
  const back = () => new Promise((resolve) => client.once("back", resolve));
  const first = back();
  client.simulate.drop();
  const answer = room.request("ask", "while away");
  await first;
  console.log(await answer);
  client.simulate.delay(5);
  console.log(await room.request("ask", "late"));
  const lost = room.request("never").catch(({ code }) => code);
  room.send("say");
  client.simulate.drop();
  const ends = client.close();
  console.log(await lost, (await ends).code);
`;

test.skipIf(!Bun.which("node"))(
  "a process that slept for longer than the liveness goes on as it was",
  async () => {
    const sleeper = `
    const { connect } = await import(process.argv[2]);
    const client = await connect(process.argv[3], { liveness: 2_000 });
    client.on("away", ({ reason }) => console.log("away", reason));
    await client.login({ name: "ann" });
    const room = await client.join("lobby");
    console.log("there");
    await room.messages.next("said");
    console.log(await room.request("ask", "awake"));
    await client.close();`;
    await using server = new SessionServer();
    const folder = makeFolder({ "script.mjs": sleeper });
    const command = ["node", "--experimental-websocket", "--no-warnings", join(folder, "script.mjs"), built];
    const child = Bun.spawn([...command, server.url], { stdout: "pipe", stderr: "inherit" });
    await until("the room", () => server.frames.some(({ event }) => event === "join"));
    child.kill("SIGSTOP");
    await Bun.sleep(3_000); // It sleeps; what is waited for is that it does for longer than its liveness.
    child.kill("SIGCONT");
    server.said("wake up");
    expect(await new Response(child.stdout).text()).toBe("there\nawake\n");
  },
);

const runtimes: [name: string, flags: string[]][] = [
  ["bun", ["run"]],
  ["deno", ["run", "-A"]],
  ["node", ["--experimental-websocket", "--no-warnings"]],
];

for (const [name, flags] of runtimes) {
  test.skipIf(!Bun.which(name))(
    `on ${name} it comes back, and after close() nothing keeps the process`,
    async () => {
      await using server = new SessionServer();
      const folder = makeFolder({ "script.mjs": script });
      const command = [name, ...flags, join(folder, "script.mjs"), built, server.url];
      const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
      const [output, errors] = await Promise.all(
        [child.stdout, child.stderr].map((pipe) => new Response(pipe).text()),
      );
      expect(errors).toBe("");
      expect(output?.trim().split("\n")).toEqual(["while away", "late", "closed 1000"]);
      expect(await child.exited).toBe(0);
    },
    30_000,
  );
}
