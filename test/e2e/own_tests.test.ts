/** `hotroom test`, as authors run it. */
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { examples, makeFolder, runCommand } from "./harness.ts";
import { onEachRuntimeAndExecutable } from "./runtimes.ts";

const room = `import { defineRoom } from "hotroom";
export default defineRoom({ messages: { hello: (room, user) => "hello " + user.name } });`;

const passing = `import { expect, open, test } from "hotroom/test";
test("says hello", async () => {
  const stage = await open("hall", { room: "r" });
  const ann = await (await stage.user("ann")).join("r");
  expect(await ann.request("hello")).toBe("hello ann");
});`;

const failing = `import { expect, test } from "hotroom/test";

test("adds", () => {
  expect(1 + 1).toBe(3);
});
test("waits", () => {});`;

onEachRuntimeAndExecutable("hotroom test", (runtime) => {
  test("runs the tests beside scripts, and says what has failed and where", () => {
    const folder = makeFolder({
      "hall.ts": room,
      "hall.test.ts": passing,
      "sums/rooms/sum.ts": room,
      "sums/rooms/sum.test.ts": failing,
    });
    const { status, output } = runCommand(runtime, ["test", "--extensions", folder]);
    expect(status).toBe(1);
    expect(output).toMatch(/hall\.test\.ts\n {2}✓ says hello/);
    expect(output).toContain("sums/rooms/sum.test.ts:4:");
    expect(output).toContain("4 |   expect(1 + 1).toBe(3);");
    expect(output).toContain("2 passed, 1 failed");
    rmSync(folder, { recursive: true });
  });
});

test("a name chooses an application and a filter tests, --json tells each in a line, and 2 says that nothing was run", () => {
  const folder = makeFolder({
    "hall.ts": room,
    "hall.test.ts": passing,
    "sums/rooms/sum.ts": room,
    "sums/rooms/sum.test.ts": failing,
  });
  const run = (...args: string[]) => runCommand("bun", ["test", ...args, "--extensions", folder]);
  expect(run("hall")).toMatchObject({ status: 0, output: expect.stringContaining("1 passed, 0 failed") });
  const { status, stdout } = run("sums", "--filter", "add", "--json");
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    application: "sums",
    file: "rooms/sum.test.ts",
    name: "adds",
    passed: false,
    error: { position: { file: "sums/rooms/sum.test.ts", line: 4 } },
    lines: [],
  });
  expect(run("--filter", "nothing of that name")).toMatchObject({ status: 2 });
  expect(run("gone").output).toContain('There is no application "gone", only "hall", "sums".');
  expect(runCommand("bun", ["test", "--extensions", join(folder, "gone")]).status).toBe(2);
  expect(run("--unknown").status).toBe(2);
  rmSync(folder, { recursive: true });
}, 60_000);

test("a file of tests is no part of its application", () => {
  const folder = makeFolder({
    "sums/rooms/sum.ts": room,
    "sums/rooms/sum.test.ts": failing,
    "hall.ts": `import { open } from "hotroom/test";\n${room}`,
  });
  const { output, status } = runCommand("bun", ["check", "--extensions", folder]);
  expect(output).toContain("sums: ok (room sum)");
  expect(output).toContain('hall.ts:1:22: Cannot import "hotroom/test": only files of tests can');
  expect(status).toBe(1);
  rmSync(folder, { recursive: true });
}, 60_000);

test("the tests of the examples pass", () => {
  const { output, status } = runCommand("bun", ["test", "--extensions", examples]);
  expect(output).not.toContain("✗");
  expect(status).toBe(0);
  for (const name of ["arena", "chat", "connectfour", "echo", "quiz", "tictactoe", "whiteboard"])
    expect(output).toContain(name);
}, 60_000);
