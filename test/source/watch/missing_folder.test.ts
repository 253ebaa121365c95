import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ExtensionsWatcher } from "../../../src/source/watch/extensions_watcher.ts";
import { TemporaryFolder } from "../folder.ts";

test("a folder that may be missing is told of where it goes while its applications run", async () => {
  using parent = new TemporaryFolder({});
  const folder = join(parent.path, "later");
  const told: string[] = [];
  const added = Promise.withResolvers<void>();
  const complained = Promise.withResolvers<string>();
  const watcher = new ExtensionsWatcher({
    folder,
    optional: true,
    poll: 50,
    onChange: ({ kind, application }) => {
      told.push(`${kind} ${application}`);
      added.resolve();
    },
    log: (_level, message) => complained.resolve(message),
  });
  try {
    await watcher.scan();
    mkdirSync(folder);
    writeFileSync(join(folder, "echo.js"), "1");
    await added.promise;
    rmSync(folder, { recursive: true });
    expect(await complained.promise).toBe(
      `Cannot read the extensions folder ${folder}: there is no such folder.`,
    );
    expect(told).toEqual(["added echo"]);
  } finally {
    watcher.close();
  }
});
