import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StripTurn } from "../../../src/source/compile/strip_queue.ts";
import { Stripper } from "../../../src/source/compile/stripper.ts";
import { ExtensionsWatcher, type Change } from "../../../src/source/watch/extensions_watcher.ts";
import { TemporaryFolder } from "../folder.ts";

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
