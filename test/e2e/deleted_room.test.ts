/** A room that `hotroom data delete` forgets is gone from the whole folder, with what its users may have missed of it. */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";

const root = join(import.meta.dir, "../..");
const files = {
  "talk/rooms/square.ts": `
import { defineRoom } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ lines: [] as string[] }),
  messages: {
    say(room, user, text: string) {
      room.state.lines.push(text);
      room.broadcast("said", text);
    },
    lines: (room) => room.state.lines,
  },
});`,
  "talk/hotroom.json": JSON.stringify({ rooms: "join", emptyGrace: 600_000 }),
};

onEachRuntime("a deleted room", (runtime) => {
  test("leaves nothing of what was said in it; its users come back to the others", async () => {
    const talk = await new Restartable(runtime, files).start();
    const ann = await talk.connect("talk");
    const { session } = await ann.ok({ event: "login", data: { name: "ann" } });
    for (const room of ["cellar", "attic"]) {
      await ann.ok({ event: "join", room });
      await ann.ask(room, "say", `a secret of the ${room}`);
      await ann.ask(room, "lines");
    }
    await talk.kill();
    const data = (...args: string[]) =>
      spawnSync("bun", ["run", "mod.ts", "data", ...args, "--data", talk.data], {
        cwd: root,
        encoding: "utf8",
      });
    expect(data("export").stdout).toContain("a secret of the cellar");

    expect(data("delete", "talk", "cellar").stdout).toBe("talk/cellar is forgotten\n");
    expect(data("export").stdout).not.toContain("a secret of the cellar");
    expect(data("compact").status).toBe(0);
    const left = readdirSync(talk.data).map((name) => readFileSync(join(talk.data, name), "latin1"));
    expect(left.join()).not.toContain("secret of the cellar");
    expect(left.join()).toContain("secret of the attic");

    await talk.start();
    const again = await talk.connect("talk");
    const back = await again.ok({ event: "reconnect", data: { session, seen: 0 } });
    expect(back).toMatchObject({ outcome: "reset", rooms: [{ room: "attic" }] });
    expect(back.lost).toEqual(["cellar"]);
    const bob = await talk.connect("talk");
    await bob.ok({ event: "login", data: { name: "bob" } });
    const lines = async (room: string) => {
      await bob.ok({ event: "join", room });
      return bob.ask(room, "lines");
    };
    expect(await lines("attic")).toEqual(["a secret of the attic"]);
    expect(await lines("cellar")).toEqual([]);
  });
});
