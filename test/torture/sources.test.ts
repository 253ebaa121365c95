/** Attacks by sources that are hard to parse: nobody else waits for them, neither for an answer nor for an edit. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestClient } from "../e2e/client.ts";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { sourceAttacks } from "./source_attacks.ts";
import { Victim, victimFiles } from "./victim.ts";

/** Longest wait of a victim, ms, on a machine that does other things too. */
const HANG = 10_000;
/** Characters of an error that is told, the source's line included. */
const LONG = 1500;

const editor = (version: number) => `import { defineRoom } from "hotroom";
export default defineRoom({ messages: { version: (): number => ${version} } });
`;

onEachRuntime(
  "hostile sources",
  (runtime) => {
    let server: TestServer;
    let victim: Victim;
    let client: TestClient;

    beforeAll(async () => {
      const files = { ...victimFiles, "editor.ts": editor(0) };
      server = await startServer({ runtime, files, args: ["--hosts", "1", "--inbound-rate", "0"] });
      client = await server.user("editor", "ann", "r");
      victim = await Victim.start(server);
      await victim.goesOn(20);
    });

    for (const [index, { name, files, must }] of sourceAttacks.entries()) {
      test(name, async () => {
        victim.during = name;
        const application = `attack${index}`;
        const start = server.output().length;
        for (const [path, source] of Object.entries(files)) server.write(`${application}/${path}`, source);
        server.write("editor.ts", editor(index + 1));
        await until("the other's edit", async () => (await client.ask("r", "version")) === index + 1);
        const error = await until("the error", async () => {
          const api = await (await fetch(`${server.url}/api/applications/${application}`)).json();
          return api.status === "failed" && api.error;
        });
        expect(error.message).toMatch(must);
        expect(JSON.stringify(error).length).toBeLessThan(LONG);
        await server.logged(new RegExp(`ERROR +${application} `), start);
        expect(await victim.goesOn()).toEqual([]);
        server.remove(application);
      });
    }

    test("the victims counted on through all of it, and nobody waited for ever", async () => {
      victim.during = "the end";
      const { sent, answered, seen, wrongs } = await victim.stop();
      expect(wrongs).toEqual([]);
      expect({ answered, seen }).toEqual({ answered: sent, seen: sent });
      expect(victim.worst.ms).toBeLessThan(HANG);
      expect(victim.worstOfSockets.ms).toBeLessThan(HANG);
    });

    afterAll(() => {
      if (victim) console.log(`hostile sources, on ${runtime}\n${victim.report()}`);
    });
  },
  ["bun", "deno"],
);
