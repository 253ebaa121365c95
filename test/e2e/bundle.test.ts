/** One executable with the applications inside: what is in it, what a folder beside it changes, and how it is taken apart again. */
import { afterAll, expect, test } from "bun:test";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { makeFolder, runCommand, startServer, stopAll, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const says = (word: string) => `
  import { defineRoom } from "hotroom";
  import { loud } from "louder";
  export default defineRoom({
    state: () => ({ asked: 0 }),
    messages: { word: (room) => loud("${word}") + " " + ++room.state.asked },
  });`;
const louder = {
  "node_modules/.store/louder/package.json": `{ "name": "louder", "type": "module", "exports": "./index.js" }`,
  "node_modules/.store/louder/index.js": `export const loud = (text) => text.toUpperCase();`,
};
const files = {
  "game/rooms/hall.ts": says("bundled"),
  "game/public/index.html": "<!doctype html>the game",
  "game/.draft.ts": "no",
  "game/hotroom.json": `{ "rooms": "join" }`,
  "other.ts": `import { defineRoom } from "hotroom"; export default defineRoom({});`,
  ...louder,
};

/** Makes a folder of applications whose package is a link, as package managers make them. */
function applications(more: Record<string, string> = {}): string {
  const folder = makeFolder({ ...files, ...more });
  symlinkSync(".store/louder", join(folder, "node_modules/louder"));
  return folder;
}

onEachRuntime(
  "a bundle",
  (runtime) => {
    afterAll(stopAll);
    const bundle = (folder: string, output: string, ...more: string[]) =>
      runCommand(runtime, ["bundle", folder, "-o", output, ...more]);
    const made = () => {
      const output = join(makeFolder(), "mygame");
      expect(bundle(applications(), output)).toMatchObject({ status: 0 });
      return output;
    };
    const executable = made();

    test("it serves its applications, pages and packages in an empty folder, and leaves nothing behind", async () => {
      const TMPDIR = makeFolder();
      const empty = join(makeFolder(), "none");
      const start = () => startServer({ runtime, executable, extensions: empty, env: { TMPDIR } });
      const killed = await start();
      expect(await killed.user("game", "ann", "hall").then((ann) => ann.ask("hall", "word"))).toBe(
        "BUNDLED 1",
      );
      expect(await (await killed.fetch("/apps/game/")).text()).toContain("the game");
      expect(killed.output()).not.toContain("WARN");
      await killed.kill();
      expect(readdirSync(TMPDIR)).toHaveLength(1);
      const stopped = await start();
      expect(readdirSync(TMPDIR)).toHaveLength(1);
      await stopped.stop();
      expect(readdirSync(TMPDIR)).toEqual([]);
    });

    test("an application of the folder beside it takes the place of its own, and gives it back, with nobody dropped", async () => {
      const folder = join(makeFolder(), "extensions");
      const server = await startServer({ runtime, executable, extensions: folder });
      const ann = await server.user("game", "ann", "hall");
      expect(await ann.ask("hall", "word")).toBe("BUNDLED 1");
      let asked = 1;
      const hears = (word: string) =>
        until(word, async () => (await ann.ask("hall", "word")) === `${word} ${++asked}`);
      mkdirSync(folder);
      const own = (word: string) =>
        says(word).replace(`import { loud } from "louder";`, "const loud = (text) => text;");
      mkdirSync(join(folder, "game/public"), { recursive: true });
      writeFileSync(join(folder, "game/hotroom.json"), files["game/hotroom.json"]);
      writeFileSync(join(folder, "game/public/index.html"), "edited");
      mkdirSync(join(folder, "game/rooms"));
      writeFileSync(join(folder, "game/rooms/hall.ts"), own("edited"));
      await hears("edited");
      expect(await (await server.fetch("/apps/game/")).text()).toBe("edited");
      writeFileSync(join(folder, "game/rooms/hall.ts"), own("again"));
      await hears("again");
      rmSync(join(folder, "game"), { recursive: true });
      await hears("BUNDLED");
      expect(await (await server.fetch("/apps/game/")).text()).toContain("the game");
      expect(ann.isOpen).toBe(true);
      await server.stop();
    });

    test("one is bundled anew from another, which carries only its own then, and is taken apart for editing", () => {
      const output = join(makeFolder(), "second");
      const folder = makeFolder({ "chess.ts": files["other.ts"], "lib.txt": "kept" });
      expect(spawnSync(executable, ["bundle", folder, "-o", output], { encoding: "utf8" }).stdout).toContain(
        "2 files bundled",
      );
      const target = join(makeFolder(), "extensions");
      expect(spawnSync(output, ["unbundle", target]).status).toBe(0);
      expect(readdirSync(target).sort()).toEqual(["chess.ts", "lib.txt"]);
      expect(readFileSync(join(target, "chess.ts"), "utf8")).toBe(files["other.ts"]);
      const again = spawnSync(output, ["unbundle", target], { encoding: "utf8" });
      expect(again.stderr).toContain("chess.ts is there already");
      expect(again.status).toBe(1);
      const whole = join(makeFolder(), "extensions");
      expect(spawnSync(executable, ["unbundle", whole]).status).toBe(0);
      expect(readdirSync(join(whole, "game")).sort()).toEqual(["hotroom.json", "public", "rooms"]);
      expect(readFileSync(join(whole, "node_modules/louder/index.js"), "utf8")).toContain("toUpperCase");
    });

    test("nothing is written where an application does not load, or a link leads out of the folder", () => {
      const output = join(makeFolder(), "mygame");
      const broken = bundle(applications({ "broken.ts": "export default {" }), output);
      expect(broken.status).toBe(1);
      expect(broken.output).toContain("Nothing is bundled");
      const folder = applications();
      symlinkSync(makeFolder({ "secret.txt": "" }), join(folder, "game/public/more"));
      const linked = bundle(folder, output);
      expect(linked.status).toBe(1);
      expect(linked.output).toContain('the link "game/public/more" leads out of it');
      expect(existsSync(output)).toBe(false);
      expect(bundle(join(folder, "none"), output).output).toContain("there is no such folder");
    });

    test("one that was changed says so, and does not start", () => {
      const changed = made();
      const file = openSync(changed, "r+");
      writeSync(file, "x", readFileSync(changed).length - 200);
      closeSync(file);
      const { status, stdout } = spawnSync(changed, ["serve", "--port", "0"], { encoding: "utf8" });
      expect(status).toBe(1);
      expect(stdout).toContain("were changed");
    });
  },
  ["executable"],
);

test("only an executable can be bundled", () => {
  const { status, output } = runCommand("bun", [
    "bundle",
    applications(),
    "-o",
    join(makeFolder(), "mygame"),
  ]);
  expect(status).toBe(1);
  expect(output).toContain("bun run compile");
});
