/** The executable as a service runs it: by a user of its own, which can write nothing but its data. */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, startServer, until } from "./harness.ts";
import { commandOf, onEachRuntime } from "./runtimes.ts";

/** "nobody" of Debian. */
const USER = 65_534;
const become = ["setpriv", `--reuid=${USER}`, `--regid=${USER}`, "--clear-groups", "--"];
const noUser =
  spawnSync(become[0] as string, [...become.slice(1), "true"]).status === 0
    ? undefined
    : "this user can't become another one with setpriv";

const source = (word: string) => `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    durable: true,
    state: () => ({ times: 0 }),
    messages: { count: (room) => \`\${++room.state.times} ${word}\` },
  });`;

if (noUser) test.skip(`the executable as another user: skipped, ${noUser}`, () => {});
else
  onEachRuntime(
    "the executable as another user",
    (runtime) => {
      test("serves folders that it can't write to, follows their edits, and keeps what is durable", async () => {
        const folder = makeFolder({ "extensions/counter.ts": source("of one") });
        const [extensions, data, program] = [
          join(folder, "extensions"),
          join(folder, "data"),
          join(folder, "it"),
        ];
        copyFileSync(commandOf(runtime)[0], program);
        chmodSync(program, 0o555);
        chmodSync(join(extensions, "counter.ts"), 0o444);
        for (const each of [extensions, folder]) chmodSync(each, 0o555);
        mkdirSync(data, { mode: 0o700 });
        chownSync(data, USER, USER);
        // The copy in the place of the harness's own, and a working directory that is not its either.
        const under = [...become, "sh", "-c", 'shift; cd /; exec "$0" "$@"', program];
        const start = () => startServer({ runtime, extensions, under, args: ["--data", data] });

        const server = await start();
        const ann = await server.user("counter", "ann", "a");
        expect(await ann.ask("a", "count")).toBe("1 of one");
        writeFileSync(join(extensions, "counter.ts"), source("of two"));
        await until("the edit", async () => /of two$/.test(await ann.ask("a", "count")));
        await server.stop();
        expect(readdirSync(folder).sort()).toEqual(["data", "extensions", "it"]);
        expect(readdirSync(extensions)).toEqual(["counter.ts"]);
        expect(statSync(join(data, "store.db")).uid).toBe(USER);

        const next = await start();
        const bob = await next.user("counter", "bob", "a");
        expect(Number.parseInt(await bob.ask("a", "count"), 10)).toBeGreaterThan(1);
        await next.stop();
      });
    },
    ["executable"],
  );
