/** Attacks by files: whatever lies in the extensions folder, the applications that are sound are served. */
import { beforeAll, beforeEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestClient } from "../e2e/client.ts";
import { makeFolder, startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { fileAttacks, room, secret } from "./file_attacks.ts";
import { victimFiles } from "./victim.ts";

/** What takes root's right to read everything from a server that root starts; undefined where nothing does. */
const ordinary = process.getuid?.() === 0 ? withoutOverride() : [];

function withoutOverride(): string[] | undefined {
  const command = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--"];
  const file = join(makeFolder({ closed: "" }), "closed");
  chmodSync(file, 0);
  const [program = "", ...args] = [...command, "sh", "-c", `! cat ${file}`];
  return spawnSync(program, args).status === 0 ? command : undefined;
}

const applicationOf = (index: number) => `a${index}`;

onEachRuntime(
  "hostile files",
  (runtime) => {
    let server: TestServer;
    let victim: TestClient;
    let counted = 0;

    beforeAll(async () => {
      const folder = makeFolder(victimFiles);
      const outside = makeFolder({ "secret.ts": secret, "hotroom.json": "{}" });
      for (const [index, { files = { "rooms/room.ts": room() }, lay }] of fileAttacks.entries()) {
        const application = join(folder, applicationOf(index));
        for (const [path, content] of Object.entries(files)) {
          mkdirSync(dirname(join(application, path)), { recursive: true });
          writeFileSync(join(application, path), content);
        }
        lay?.(application, outside);
      }
      server = await startServer({ runtime, extensions: folder, args: ["--inbound-rate", "0"] });
      victim = await server.user("victim", "ann", "hall");
    });

    beforeEach(async () => {
      expect(await victim.ask("hall", "count", ++counted)).toBe(counted);
    });

    for (const [index, { name, must }] of fileAttacks.entries()) {
      test(name, async () => {
        const { status, error } = await (
          await fetch(`${server.url}/api/applications/${applicationOf(index)}`)
        ).json();
        if (must === "running") expect({ status, error }).toEqual({ status: "running", error: undefined });
        else if (status === "failed") {
          const place = error.position ? `${error.position.file}: ` : "";
          expect(place + error.message).toMatch(must);
        }
        // A value that means something is allowed; what it means is bounded all the same.
        else expect([status, must.source]).toEqual(["running", expect.stringMatching(/^\.$|running|ok/)]);
        if (status === "running")
          await (await server.connect(applicationOf(index))).ok({ event: "login", data: { name: "bob" } });
      });
    }

    test("the victim's frames were answered, and nothing outside was read", async () => {
      expect(await victim.ask("hall", "count", ++counted)).toBe(counted);
      expect(victim.isOpen).toBe(true);
      expect(server.output()).not.toContain("never to be read");
    });

    test.skipIf(ordinary === undefined)("a file that can't be read, and one that can be again", async () => {
      const files = { ...victimFiles, "closed.ts": room() };
      const folder = makeFolder(files);
      chmodSync(join(folder, "closed.ts"), 0);
      const server = await startServer({ runtime, extensions: folder, under: ordinary ?? [] });
      await server.logged(/closed\.ts.*(EACCES|permission)/i);
      const victim = await server.user("victim", "ann", "hall");
      expect(await victim.ask("hall", "count", 1)).toBe(1);
      chmodSync(join(folder, "closed.ts"), 0o600);
      await until(
        "the application to run",
        async () =>
          (await (await fetch(`${server.url}/api/applications/closed`)).json()).status === "running",
      );
      expect(await victim.ask("hall", "count", 2)).toBe(2);
      await server.stop();
    });

    test("a storm of files that come and go leaves the rest alone", async () => {
      for (let i = 0; i < 300; i++) {
        server.write(`storm${i % 30}.ts`, i % 3 === 0 ? "for (;;);" : room(`// ${i}`));
        if (i % 5 === 0) server.remove(`storm${(i * 7) % 30}.ts`);
        if (i % 20 === 0) expect(await victim.ask("hall", "count", ++counted)).toBe(counted);
      }
      for (let i = 0; i < 30; i++) server.remove(`storm${i}.ts`);
      await until("the storm to be over", async () => {
        const { applications } = await (await fetch(`${server.url}/api/applications`)).json();
        return applications.every(({ name }: { name: string }) => !name.startsWith("storm"));
      });
      expect(await victim.ask("hall", "count", ++counted)).toBe(counted);
    });
  },
  ["bun", "deno"],
);
