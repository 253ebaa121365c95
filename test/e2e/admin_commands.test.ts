/** The commands that ask a running server for what its API does. */
import { afterAll, beforeAll, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { main } from "../../src/cli/main.ts";
import type { TestClient } from "./client.ts";
import { startServer, stopAll, type TestServer } from "./harness.ts";

setDefaultTimeout(60_000);
afterAll(stopAll);

const files = {
  "game/hotroom.json": `{ "rooms": "server" }`,
  "game/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({ emits: { ping: () => "pong" } });`,
  "game/rooms/hall.ts": `
    import { defineRoom, refuse } from "hotroom";
    export default defineRoom({
      state: () => ({ n: 0 }),
      emits: { add: (room, n: number) => (n < 0 ? refuse("Not less.") : (room.state.n += n)) },
    });`,
};

let server: TestServer;
let ann: TestClient;
beforeAll(async () => {
  server = await startServer({ runtime: "bun", files, args: ["--admin-token", "a-secret-token"] });
});

/** Runs a command in this process; resolves with its exit status and what it printed. */
function run(...args: string[]): Promise<[status: number, ...lines: string[]]> {
  return runAt(...args, "--url", server.url, "--admin-token", "a-secret-token");
}

async function runAt(...args: string[]): Promise<[status: number, ...lines: string[]]> {
  const lines: string[] = [];
  const note = (text: string) => void lines.push(...text.split("\n"));
  const spies = [
    spyOn(console, "log").mockImplementation(note),
    spyOn(console, "error").mockImplementation(note),
  ];
  try {
    return [await main(args), ...lines];
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("a room is made, shown, set, asked and closed by commands", async () => {
  expect(
    await run("create-room", "game", "den", "--max-users", "2", "--keep", "--meta", '{"level":1}'),
  ).toEqual([0, expect.stringMatching(/^game: room den \(hall\) runs v1·\w+$/)]);
  expect(await run("create-room", "game", "den")).toEqual([
    1,
    'Cannot create room "den": there is one of that name.',
  ]);
  expect(await run("set-room", "game", "den", "--locked", "true", "--password", "sesame")).toEqual([
    0,
    "game: room den is set",
  ]);
  expect(await run("rooms", "game")).toEqual([
    0,
    expect.stringMatching(/^den {2}hall {2}v1·\w+ {2}0 of 2 users {2}locked {2}password$/),
  ]);
  expect(
    await run("set-room", "game", "den", "--max-users", "none", "--locked", "false", "--password", "none"),
  ).toEqual([0, "game: room den is set"]);
  expect(await run("rooms", "game", "--open", "--prefix", "d")).toEqual([
    0,
    expect.stringMatching(/^den {2}hall {2}v1·\w+ {2}0 users$/),
  ]);
  expect(await run("call", "game", "add", "2", "--room", "den")).toEqual([0, "2"]);
  expect(await run("call", "game", "add", "-2", "--room", "den")).toEqual([1, "Not less."]);
  expect(await run("call", "game", "ping")).toEqual([0, '"pong"']);
  expect(await run("emit", "game", "ping")).toEqual([0, expect.stringMatching(/^game: ping waits for v1·/)]);
  expect(await run("state", "game", "den")).toEqual([0, "{", '  "n": 2', "}"]);
  expect(await run("close-room", "game", "den")).toEqual([0, "game: room den is closed"]);
  expect(await run("rooms", "game")).toEqual([0]);
});

test("users are shown, sent to, moved and put out by commands", async () => {
  for (const room of ["north", "south"]) await run("create-room", "game", room, "--keep");
  ann = await server.user("game", "ann", "north");
  expect(await run("users", "game")).toEqual([0, "u1  ann  here  north"]);
  expect(await run("sessions", "game")).toEqual([0, "u1  ann  here"]);
  expect(await run("send", "game", "ann", "note", '{"text":"hello"}')).toEqual([
    0,
    "game: note is sent to ann (u1)",
  ]);
  expect((await ann.message("note")).data).toEqual({ text: "hello" });
  expect(await run("move", "game", "ann", "south")).toEqual([0, "game: ann (u1) is in south"]);
  expect(await run("users", "game")).toEqual([0, "u1  ann  here  south"]);
  expect(await run("kick", "game", "u1", "Go home.")).toEqual([0, "game: ann (u1) is put out"]);
  expect(await ann.closed).toMatchObject({ code: 4501, reason: "Go home." });
  expect(await run("kick", "game", "bob")).toEqual([1, 'Cannot kick user "bob": there is no such user.']);
});

test("applications are listed, and a flag that can't be read is told", async () => {
  expect(await run("applications")).toEqual([
    0,
    expect.stringMatching(/^game {2}v1·\w+ {2}\d users? {2}\d rooms$/),
  ]);
  const spy = spyOn(process.stderr, "write").mockImplementation(() => true);
  const [status] = await run("call", "game", "ping", "{");
  spy.mockClear();
  for (const count of ["x", "1.5", "0", ""]) await run("set-room", "game", "den", "--max-users", count);
  const told = spy.mock.calls.map(([text]) => String(text)).filter((text) => text.includes("whole number"));
  spy.mockClear();
  expect(await run("rollback")).toEqual([2]);
  expect(await run("set-room", "game", "den")).toEqual([2]);
  expect(String(spy.mock.calls)).toContain("nothing to set: give one of --max-users, --locked,");
  spy.mockRestore();
  expect(status).toBe(2);
  expect(told).toHaveLength(4);
});

test("where the server is flags say, whatever the settings do; which flag is missing is said", async () => {
  const { port } = server;
  process.env.HOTROOM_UNIX = "/nowhere/a.sock";
  try {
    expect(await runAt("health", "--port", String(port))).toEqual([0, expect.stringContaining('"ok":true')]);
    expect(await runAt("health")).toEqual([
      1,
      expect.stringMatching(
        /^Cannot reach the server at unix:\/nowhere\/a.sock: there is no such socket \(--unix/,
      ),
    ]);
  } finally {
    delete process.env.HOTROOM_UNIX;
  }
  expect(await runAt("rooms", "game", "--port", String(port))).toEqual([
    1,
    expect.stringMatching(
      /^Cannot use the API: it needs a token .*\. That of a command is HOTROOM_ADMIN_TOKEN, --/,
    ),
  ]);
  expect(await runAt("health", "--url", `127.0.0.1:${port}`)).toEqual([
    2,
    `Cannot use --url: 127.0.0.1:${port} does not begin with https://, http:// or unix:.`,
  ]);
  expect(await runAt("health", "--url", server.url, "--tls-cert", "a.pem")).toEqual([
    2,
    `Cannot use --tls-cert: there is no TLS at ${server.url}.`,
  ]);
});
