/** Packages in rooms: used, edited while people are in the room, installed while the application waits for one. */
import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder, startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const room = (specifier: string) => `import { defineRoom } from "hotroom";
import roll from "${specifier}";
export default defineRoom({ state: () => ({ n: 0 }), messages: { roll: (room) => roll(++room.state.n) } });
`;

onEachRuntime("packages", (runtime) => {
  let server: TestServer;
  const folder = makeFolder({
    "game.ts": room("dice"),
    "node_modules/dice/package.json": '{"type":"module","exports":"./dice.js"}',
    "node_modules/dice/dice.js": 'import { words } from "./words.js";\nexport default (n) => words[0] + n;',
    "node_modules/dice/words.js": 'export const words = ["rolled "];',
  });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  beforeAll(async () => {
    server = await startServer({ runtime, extensions: folder });
  });

  test("a room uses one, an edit in it is an edit, and a fault in it is told there", async () => {
    const ann = await server.user("game", "ann", "table");
    const roll = () => ann.ask("table", "roll");
    expect(await roll()).toBe("rolled 1");
    write("node_modules/dice/words.js", 'export const words = ["thrown "];');
    await until("the edit", async () => String(await roll()).startsWith("thrown"));
    write("node_modules/dice/dice.js", "export default (n) => {\n  return n.gone.field;\n};");
    await until("the fault", async () => {
      expect(String(await roll())).toStartWith("thrown");
      return server.output().includes("node_modules/dice/dice.js:2:");
    });
  });

  test("an application that lacks one is made when it is installed", async () => {
    write("late.ts", room("late"));
    await until("the complaint", () =>
      server.output().includes('Cannot import "late": there is no such package'),
    );
    write("node_modules/late/package.json", '{"type":"module"}');
    write("node_modules/late/index.js", 'export default () => "here";');
    const bob = await until("the application", () =>
      server.user("late", "bob", "hall").catch(() => undefined),
    );
    expect(await bob.ask("hall", "roll")).toBe("here");
  });
});
