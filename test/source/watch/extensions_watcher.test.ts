import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { StripTurn } from "../../../src/source/compile/strip_queue.ts";
import { Stripper } from "../../../src/source/compile/stripper.ts";
import { ExtensionsWatcher, type Change } from "../../../src/source/watch/extensions_watcher.ts";
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

describe("scanning", () => {
  let folder: TemporaryFolder;
  let watcher: ExtensionsWatcher;
  const logged: string[] = [];
  const reported: Change[] = [];

  const start = (options: { poll?: number; folder?: string; watch?: boolean; stripper?: Stripper } = {}) => {
    watcher = new ExtensionsWatcher({
      folder: folder.path,
      gone: 0,
      watch: false,
      onChange: (change) => reported.push(change),
      log: (_level, message) => logged.push(message),
      ...options,
    });
    return watcher;
  };
  const told = (changes: Change[]) => changes.map((change) => `${change.kind} ${change.application}`).sort();

  beforeEach(() => {
    folder = new TemporaryFolder({ "chat.js": "1", "game/app.js": "1" });
    logged.length = 0;
    reported.length = 0;
  });
  afterEach(() => {
    watcher.close();
    folder[Symbol.dispose]();
  });

  test("the first scan gives everything, the next one what has changed", async () => {
    start();
    expect(told(await watcher.scan())).toEqual(["added chat", "added game"]);
    expect(await watcher.scan()).toEqual([]);
    folder.write({ "chat.js": "2" });
    expect(told(await watcher.scan())).toEqual(["changed chat"]);
    rmSync(folder.join("game"), { recursive: true });
    expect(told(await watcher.scan())).toEqual(["removed game"]);
    expect(reported).toEqual([]);
  });

  test("what is touched but the same is no change", async () => {
    start();
    await watcher.scan();
    utimesSync(folder.join("chat.js"), new Date(), new Date());
    folder.write({ "game/app.js": "1" });
    expect(await watcher.scan()).toEqual([]);
  });

  test("two writes of one size in one tick of the clock are told apart", async () => {
    start();
    await watcher.scan();
    for (let round = 0; round < 20; round++) {
      folder.write({ "chat.js": `"${round % 2}a"` });
      expect(told(await watcher.scan())).toEqual(["changed chat"]);
      folder.write({ "chat.js": `"${round % 2}b"` });
      expect(told(await watcher.scan())).toEqual(["changed chat"]);
    }
  });

  test("going back to earlier content is a change like any other", async () => {
    start();
    const first = (await watcher.scan()).find(({ application }) => application === "chat");
    folder.write({ "chat.js": "2" });
    await watcher.scan();
    folder.write({ "chat.js": "1" });
    const [back] = await watcher.scan();
    if (!first || !back || !("build" in first) || !("build" in back)) throw new Error("There is no build.");
    expect(back.build.hash).toBe(first.build.hash);
    expect(back.build.version).toStartWith("v3·");
  });

  test("an application that is broken from the start is added by its first good version", async () => {
    folder.write({ "bad.ts": "let x = ;" });
    start();
    expect(told(await watcher.scan())).toEqual(["added chat", "added game", "broken bad"]);
    folder.write({ "bad.ts": "let x = 1;" });
    expect(told(await watcher.scan())).toEqual(["added bad"]);
  });

  test("an empty file is taken as it is once it has stayed so", async () => {
    start();
    await watcher.scan();
    folder.write({ "chat.js": "" });
    const [change] = await watcher.scan();
    expect(change).toMatchObject({ kind: "changed", build: { files: new Map([["chat.js", ""]]) } });
    folder.write({ "chat.js": "" });
    const scan = watcher.scan();
    folder.write({ "chat.js": "whole" });
    expect(await scan).toMatchObject([{ build: { files: new Map([["chat.js", "whole"]]) } }]);
  });

  test("what is in an application's way does not hold up another", async () => {
    folder.write({ "bad.ts": "let x = ;", "out.js": "" });
    rmSync(folder.join("out.js"));
    symlinkSync("/", folder.join("out"));
    start();
    expect(told(await watcher.scan())).toEqual(["added chat", "added game", "broken bad", "broken out"]);
  });

  test("nor does one whose build takes long", async () => {
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    class SlowStripper extends Stripper {
      override strip(turn: StripTurn, file: string, source: string) {
        if (file !== "slow.js") return super.strip(turn, file, source);
        begun();
        return new Promise<never>(() => {});
      }
    }
    start({ watch: true, poll: 50, stripper: new SlowStripper() });
    await watcher.scan();
    folder.write({ "slow.js": "1" });
    await hasBegun;
    folder.write({ "chat.js": "2" });
    while (reported.length === 0) await Bun.sleep(10);
    expect(told(reported)).toEqual(["changed chat"]);
  });

  test("a folder that does not exist yet is no error but a warning, and is found when it appears", async () => {
    const later = folder.join("later");
    start({ folder: later, watch: true });
    expect(await watcher.scan()).toEqual([]);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toStartWith(`Cannot read the extensions folder ${later}`);
    mkdirSync(later);
    writeFileSync(join(later, "echo.js"), "1");
    while (reported.length === 0) await Bun.sleep(10);
    expect(told(reported)).toEqual(["added echo"]);
    expect(logged).toHaveLength(2);
  });

  test("the poll finds what no signal tells of", async () => {
    start({ watch: true, poll: 50 });
    await watcher.scan();
    // Signals about hidden folders are ignored, and the link itself does not change.
    const hidden = folder.join(".hidden");
    mkdirSync(hidden);
    writeFileSync(join(hidden, "linked.js"), "1");
    symlinkSync(join(hidden, "linked.js"), folder.join("linked.js"));
    while (!reported.some(({ application }) => application === "linked")) await Bun.sleep(10);
    reported.length = 0;
    appendFileSync(join(hidden, "linked.js"), ";2");
    while (reported.length === 0) await Bun.sleep(10);
    expect(told(reported)).toEqual(["changed linked"]);
  });

  test("a listener that throws is logged and hears the next change", async () => {
    const seen: string[] = [];
    watcher = new ExtensionsWatcher({
      folder: folder.path,
      log: (_level, message) => logged.push(message),
      onChange: (change) => {
        seen.push(change.application);
        throw new Error("no");
      },
    });
    await watcher.scan();
    folder.write({ "chat.js": "2" });
    while (seen.length < 1) await Bun.sleep(10);
    folder.write({ "game/app.js": "2" });
    while (seen.length < 2) await Bun.sleep(10);
    expect(seen).toEqual(["chat", "game"]);
    expect(logged[0]).toBe('Cannot apply a change of application "chat": no');
  });

  test("after close nothing is reported", async () => {
    start({ watch: true });
    await watcher.scan();
    folder.write({ "chat.js": "2" });
    watcher.close();
    expect(await watcher.scan()).toEqual([]);
    expect(reported).toEqual([]);
  });
});
