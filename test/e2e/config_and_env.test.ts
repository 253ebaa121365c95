/** What hotroom.json gives scripts to read, and what of the server's environment nobody else sees. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, runCommand, startServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const SECRET = "5ecret-0f-the-quiz";
/** What the scripts send of it: what they send themselves may be kept. */
const BACKWARDS = [...SECRET].reverse().join("");
const reads = (of: string) => `
  messages: {
    config: (it) => ${of}.config,
    env: (it) => ({ key: [...(${of}.env.QUIZ_KEY ?? "")].reverse().join(""), other: ${of}.env.OTHER, has: "OTHER" in ${of}.env }),
    all: (it) => Object.keys(${of}.env),
    change(it) { ${of}.config.rounds.most = 9; },
    replace(it) { ${of}.env.QUIZ_KEY = "mine"; },
    leak(it) { console.warn("key", ${of}.env.QUIZ_KEY + ${of}.env.QUIZ_KEY); throw new Error(${of}.env.QUIZ_KEY); },
    show(it) { console.log(${of}.env, { env: ${of}.env }); },
  }`;
const app = `import { defineApplication } from "hotroom"; export default defineApplication({ ${reads("it")} });`;
const room = `import { defineRoom } from "hotroom"; export default defineRoom({ ${reads("it.application")} });`;
const settings = (more: object) => JSON.stringify({ rooms: "join", ...more });

/** Everything in the files of a folder. */
const contentOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("");

onEachRuntime("config and env", (runtime) => {
  test("scripts read what their settings name, frozen, and nobody else sees the values", async () => {
    const config = { rounds: { most: 3 }, words: ["a"], __proto__: undefined };
    const [data, cache] = [makeFolder(), makeFolder()];
    const server = await startServer({
      runtime,
      files: {
        "quiz/hotroom.json": settings({ config, env: ["QUIZ_KEY", "NOT_SET_ANYWHERE", "toString"] }),
        "quiz/app.ts": app,
        "quiz/rooms/hall.ts": room.replace("defineRoom({", "defineRoom({ durable: true,"),
        "other/app.ts": app,
        "plain.ts": room,
      },
      args: ["--data", data, "--cache", cache],
      env: { QUIZ_KEY: SECRET, OTHER: "not named" },
    });
    await server.logged(/INFO +quiz v1\S+ The setting "env" names NOT_SET_ANYWHERE, which is not set\./);
    const ann = await server.user("quiz", "ann", "hall");
    for (const where of [undefined, "hall"]) {
      expect(await ann.ask(where, "config")).toEqual({ rounds: { most: 3 }, words: ["a"] });
      expect(await ann.ask(where, "env")).toEqual({ key: BACKWARDS, has: false });
      expect(await ann.ask(where, "all")).toEqual(["QUIZ_KEY"]);
      for (const type of ["change", "replace", "leak"])
        expect(await ann.fails({ event: "message", room: where, type })).toMatchObject({
          code: "handler_failed",
        });
      await ann.ask(where, "show");
    }
    const bob = await server.user("other", "bob");
    expect(await bob.ask(undefined, "config")).toEqual({});
    expect(await bob.ask(undefined, "env")).toEqual({ key: "", has: false });
    const cid = await server.user("plain", "cid", "hall");
    expect([await cid.ask("hall", "config"), await cid.ask("hall", "all")]).toEqual([{}, []]);
    const api = await fetch(`${server.url}/api/applications/quiz`).then((answer) => answer.text());
    expect(api).toContain("hall");
    await server.logged(/hall .* \[QUIZ_KEY\] \{ env: \[QUIZ_KEY\] \}/);
    await server.logged(/hall .* key \[QUIZ_KEY\]\[QUIZ_KEY\]/);
    await server.logged(/hall .* The handler of message "leak" failed .*: Error: \[QUIZ_KEY\]/);
    await server.stop();
    const written = [api, server.output(), contentOf(data), contentOf(cache)];
    expect(written.map((text) => text.includes(SECRET))).toEqual([false, false, false, false]);
    expect(contentOf(data)).toContain("QUIZ_KEY");
  });

  test("another config is an edit, and env stays what the server has", async () => {
    const files = (config: unknown) => ({ config, env: ["QUIZ_KEY", "NOT_SET_ANYWHERE"] });
    const server = await startServer({
      runtime,
      files: { "quiz/hotroom.json": settings(files([1])), "quiz/rooms/hall.ts": room },
      env: { QUIZ_KEY: SECRET },
    });
    const ann = await server.user("quiz", "ann", "hall");
    expect(await ann.ask("hall", "config")).toEqual([1]);
    server.write("quiz/hotroom.json", settings(files("two")));
    await server.logged(/quiz v2\S+ Version live: 1 room moved/);
    expect(await ann.ask("hall", "config")).toBe("two");
    // Told at the start already: nobody needs to read it at each edit.
    expect(server.output().split("NOT_SET_ANYWHERE, which is not set")).toHaveLength(2);
    for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
    expect(await ann.ask("hall", "config")).toBe("two");
    expect(await ann.ask("hall", "env")).toEqual({ key: BACKWARDS, has: false });
    await server.kill();
  });
});

test("check says which named variable is not set", () => {
  const folder = makeFolder({
    "quiz/hotroom.json": settings({ env: ["PATH", "NOT_SET_ANYWHERE"] }),
    "quiz/app.ts": app,
  });
  const { output, status } = runCommand("bun", ["check", "--extensions", folder]);
  expect(output).toContain('quiz: warning: the setting "env" names NOT_SET_ANYWHERE, which is not set.\n');
  expect(output).not.toContain("PATH,");
  expect(status).toBe(0);
});
