/** The client in Go: its own tests, each counted, and its examples; with a real server those that need one. */
import { beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorCodes } from "../../src/protocol/codes.ts";
import { snippetsOf } from "../docs/snippets.ts";
import { examples, makeFolder, startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { folder, type GoResult, go, goTest, testsNamed, whyNot } from "./go.ts";

/** How long Go may take to compile all that it needs, and to test, ms. */
const COMPILE_PATIENCE = 600_000;

const reason = whyNot();

/** Runs what `run` gives once, and makes a test of each name among it. */
function eachGoTest(names: string[], run: () => Promise<GoResult[]>): void {
  let results: GoResult[] = [];
  beforeAll(async () => {
    results = await run();
  }, COMPILE_PATIENCE);

  test.each(names)("%s", (name) => {
    const result = results.find((each) => each.test === name);
    const broken = results.filter(({ test, action }) => action === "fail" && !test.startsWith("Test"));
    if (result?.action !== "pass")
      throw new Error(result?.output ?? broken.map(({ output }) => output).join("") ?? "It did not run.");
  });
}

describe("the client in Go", () => {
  if (reason) return test.skip(`by its own tests: skipped, ${reason}`, () => {});
  eachGoTest(testsNamed(/^Test(?!With(?:Server|Restarts))/), () => goTest("^Test"));
});

describe("the client in Go", () => {
  test("knows each code of the server", () => {
    const known = [...readFileSync(join(folder, "error.go"), "utf8").matchAll(/^\t\w+ Code = "(\w+)"$/gm)];
    expect(known.map(([, code]) => code)).toEqual(expect.arrayContaining(Object.keys(errorCodes)));
  });

  test("shows in its README the example that runs", () => {
    const [shown] = snippetsOf("src/client/go/README.md").filter(({ language }) => language === "go");
    const example = readFileSync(join(folder, "examples/press/main.go"), "utf8");
    expect(example).toEndWith(`package main\n\n${shown?.text.split("package main\n\n")[1]}`);
  });
});

const hall = `
  import { defineRoom, refuse } from "hotroom";
  export default defineRoom({
    state: () => ({ counts: {} as Record<string, number> }),
    messages: {
      say(room, user, data) { room.broadcast("said", { from: user.name, data }); },
      count(room, { name }) {
        room.state.counts = { ...room.state.counts, [name]: (room.state.counts[name] ?? 0) + 1 };
        return room.state.counts[name];
      },
      sum: (room, user, numbers) => numbers.reduce((sum, each) => sum + each, 0),
      drink: () => refuse("The bar is closed.", { opensAt: "18:00" }),
      fail() { throw new Error("it fails"); },
      kick(room, user) { room.application.kick(user, "Too loud."); },
      move(room, user, to) { room.application.createRoom(to); room.move(user, to); },
      out(room, user, name) { room.kick(name, "Enough."); },
      lock(room) { room.update({ locked: true }); },
    },
  });`;

const applications = {
  "hall.ts": hall,
  "brief/hotroom.json": '{ "rooms": "join", "session": { "grace": 100 } }',
  "brief/rooms/hall.ts": hall,
  "forgetful/hotroom.json": '{ "rooms": "join", "session": { "history": 5 } }',
  "forgetful/rooms/hall.ts": hall,
  "button.ts": snippetsOf("README.md").find(({ name }) => name === "extensions/button.ts")?.text ?? "",
};

if (reason === undefined)
  onEachRuntime(
    "the client in Go with a server",
    (runtime) => {
      let server: TestServer;
      beforeAll(async () => {
        const args = ["--inbound-rate", "0"];
        server = await startServer({ runtime, files: applications, args });
      });
      const url = () => server.url.replace("http", "ws");

      eachGoTest(testsNamed(/^TestWithServer/), () => goTest("^TestWithServer", { HOTROOM_SERVER: url() }));

      test("its example presses a button", async () => {
        const { stdout, stderr } = await go(["run", "./examples/press", `${url()}/ws/button`]);
        expect([stdout, stderr]).toEqual(["ann has pressed it, 1 in all\n", ""]);
      });

      test("its example of a bot answers until it is interrupted", async () => {
        const chat = await startServer({ runtime, extensions: examples });
        const program = join(makeFolder(), "bot");
        expect((await go(["build", "-o", program, "./examples/bot"])).stderr).toBe("");
        const bot = spawn(program, [`ws://127.0.0.1:${chat.port}/ws/chat`, "lobby"]);
        const ended = new Promise((resolve) => bot.on("exit", resolve));
        let log = "";
        bot.stderr.on("data", (chunk) => {
          log += chunk;
        });
        const ann = await chat.user("chat", "ann", "lobby");
        await until("the bot to come", () => log.includes("in lobby"));
        await ann.ok({ event: "message", room: "lobby", type: "say", data: { text: "bot, are you there?" } });
        await until("its answer", () =>
          ann.frames(({ type }) => type === "said").some(({ data }) => data.text === "At your service, ann."),
        );
        bot.kill("SIGINT");
        expect(await ended).toBe(0);
        await chat.kill();
      });
    },
    ["bun", "deno"],
  );
else test.skip(`the client in Go with a server: skipped, ${reason}`, () => {});
