import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { TemporaryFolder } from "../folder.ts";
import { WatcherProcess } from "./watcher.ts";

const room = (value: unknown) => `export default ${JSON.stringify(value)} as unknown;\n`;
const built = (value: unknown) => `export default ${JSON.stringify(value)}           ;\n`;

for (const runtime of ["bun", "deno"] as const) {
  describe.skipIf(!Bun.which(runtime))(`watching, on ${runtime}`, () => {
    let folder: TemporaryFolder;
    let watcher: WatcherProcess;

    beforeEach(async () => {
      folder = new TemporaryFolder({
        "chat.ts": room(0),
        "game/rooms/match.ts": room(0),
        "game/lib/a.ts": room(0),
      });
      watcher = new WatcherProcess(runtime, folder.path);
      const ready = await watcher.next();
      expect(ready.changes?.map(({ kind, application }) => `${kind} ${application}`).sort()).toEqual([
        "added chat",
        "added game",
      ]);
    });
    afterEach(async () => {
      await watcher.end();
      folder[Symbol.dispose]();
    });

    test("a save becomes a version", async () => {
      writeFileSync(folder.join("chat.ts"), room("saved"));
      expect(await watcher.next()).toMatchObject({
        kind: "changed",
        application: "chat",
        version: expect.stringMatching(/^v2·[0-9a-f]{6}$/),
        files: { "chat.ts": built("saved") },
      });
    });

    test("a save in steps of an editor is one change", async () => {
      // vim: a probe, the old file aside, the new one written, the old one removed.
      watcher.atOnce(() => {
        writeFileSync(folder.join("4913"), "");
        unlinkSync(folder.join("4913"));
        writeFileSync(folder.join(".chat.ts.swp"), "swap");
        renameSync(folder.join("chat.ts"), folder.join("chat.ts~"));
        writeFileSync(folder.join("chat.ts"), room("vim"));
        unlinkSync(folder.join("chat.ts~"));
      });
      expect((await watcher.next()).files).toEqual({ "chat.ts": built("vim") });
      // Others write beside and rename over.
      writeFileSync(folder.join("chat.ts.tmp123"), room("renamed over"));
      renameSync(folder.join("chat.ts.tmp123"), folder.join("chat.ts"));
      expect((await watcher.next()).files).toEqual({ "chat.ts": built("renamed over") });
      execFileSync("sed", ["-i", "s/renamed/sed/", folder.join("chat.ts")]);
      expect((await watcher.next()).files).toEqual({ "chat.ts": built("sed over") });
      expect(await watcher.quiet(folder)).toEqual([]);
    });

    test("a file that is truncated first, or comes in halves, is never reported by half", async () => {
      const file = openSync(folder.join("chat.ts"), "r+");
      ftruncateSync(file, 0);
      await Bun.sleep(80);
      writeSync(file, "export default {", 0);
      await Bun.sleep(80);
      writeSync(file, " whole: true };\n", "export default {".length);
      closeSync(file);
      expect(await watcher.next()).toMatchObject({
        kind: "changed",
        files: { "chat.ts": "export default { whole: true };\n" },
      });
    });

    test("an error is reported once, and mending it is a change", async () => {
      writeFileSync(folder.join("chat.ts"), "export default ;\n");
      expect(await watcher.next()).toEqual({
        kind: "broken",
        application: "chat",
        error: "chat.ts:1:16: Expression expected\n1 | export default ;\n                   ^",
      });
      utimesSync(folder.join("chat.ts"), new Date(), new Date());
      expect(await watcher.quiet(folder)).toEqual([]);
      writeFileSync(folder.join("chat.ts"), room(0));
      expect(await watcher.next()).toMatchObject({ kind: "changed", application: "chat" });
    });

    test("new folders, and folders that were replaced, are watched all the way down", async () => {
      folder.write({ "game/lib/deep/er/b.ts": room(1) });
      expect((await watcher.next()).files?.["lib/deep/er/b.ts"]).toBe(built(1));
      folder.write({ "game/lib/deep/er/b.ts": room(2) });
      expect((await watcher.next()).files?.["lib/deep/er/b.ts"]).toBe(built(2));
      watcher.atOnce(() => {
        rmSync(folder.join("game"), { recursive: true });
        folder.write({ "game/rooms/match.ts": room(3) });
      });
      expect(await watcher.next()).toMatchObject({ kind: "changed", files: { "rooms/match.ts": built(3) } });
      folder.write({ "game/rooms/match.ts": room(4) });
      expect((await watcher.next()).files).toEqual({ "rooms/match.ts": built(4) });
    });

    test("applications come and go; one that comes back goes on counting", async () => {
      folder.write({ "new/app.ts": room(1) });
      expect(await watcher.next()).toMatchObject({
        kind: "added",
        application: "new",
        files: { "app.ts": built(1) },
      });
      renameSync(folder.join("new"), `${folder.path}-away`);
      expect(await watcher.next()).toEqual({ kind: "removed", application: "new" });
      renameSync(`${folder.path}-away`, folder.join("new"));
      expect(await watcher.next()).toMatchObject({
        kind: "added",
        version: expect.stringMatching(/^v2·/),
      });
      unlinkSync(folder.join("chat.ts"));
      expect(await watcher.next()).toEqual({ kind: "removed", application: "chat" });
    });

    test("a burst of 200 files is one change for each application", async () => {
      watcher.atOnce(() => {
        for (let index = 0; index < 200; index++) folder.write({ [`game/lib/f${index}.ts`]: room(index) });
        folder.write({ "chat.ts": room("burst"), "game/lib/f199.ts": room("last") });
      });
      const changes = [await watcher.next(), await watcher.next()];
      const game = changes.find(({ application }) => application === "game");
      expect(Object.keys(game?.files ?? {}).length).toBe(202);
      expect(game?.files?.["lib/f199.ts"]).toBe(built("last"));
      expect(changes.some(({ application }) => application === "chat")).toBe(true);
      expect(await watcher.quiet(folder)).toEqual([]);
    });

    test("while the whole folder is away everything stays; back again it is watched again", async () => {
      const away = `${folder.path}-away`;
      renameSync(folder.path, away);
      expect(await watcher.next()).toMatchObject({ kind: "log", level: "warn" });
      writeFileSync(join(away, "chat.ts"), room("meanwhile"));
      renameSync(away, folder.path);
      expect(await watcher.next()).toMatchObject({ kind: "log", level: "info" });
      expect((await watcher.next()).files).toEqual({ "chat.ts": built("meanwhile") });
      writeFileSync(folder.join("chat.ts"), room("watched"));
      expect((await watcher.next()).files).toEqual({ "chat.ts": built("watched") });
    });

    test("a folder that is deleted and made anew is watched", async () => {
      rmSync(folder.path, { recursive: true });
      folder.write({ "chat.ts": room("anew"), "game/rooms/match.ts": room(0), "game/lib/a.ts": room(0) });
      let change = await watcher.next();
      while (change.kind === "log") change = await watcher.next();
      expect(change).toMatchObject({ kind: "changed", files: { "chat.ts": built("anew") } });
      writeFileSync(folder.join("chat.ts"), room("watched"));
      expect((await watcher.next()).files).toEqual({ "chat.ts": built("watched") });
    });
  });
}
