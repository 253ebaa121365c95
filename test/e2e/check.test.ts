/** The command `check`: what it finds, and what it warns of. */
import { afterAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, runCommand, stopAll } from "./harness.ts";
import { onEachRuntimeAndExecutable } from "./runtimes.ts";

const good = `
  import { defineRoom } from "hotroom";
  export default defineRoom({
    events: { close(room, reason) { console.log("closing", reason); } },
    messages: { hello: () => "hello" },
  });`;

onEachRuntimeAndExecutable("the command check", (runtime) => {
  afterAll(stopAll);

  test("check says that all is well and exits 0, or prints every error and exits 1", () => {
    const folder = makeFolder({
      "good.ts": good,
      "syntax.ts": "export default {\n  a b\n};",
      "settings/hotroom.json": `{ "rooms": "everybody" }`,
      "settings/rooms/hall.ts": good,
    });
    const bad = runCommand(runtime, ["check", "--extensions", folder]);
    expect(bad.status).toBe(1);
    expect(bad.output).toMatch(/syntax\.ts:2:\d+/);
    expect(bad.output).toMatch(/hotroom\.json.*rooms/s);
    expect(bad.output).toContain("good");
    const one = runCommand(runtime, ["check", "good", "--extensions", folder]);
    expect(one).toMatchObject({
      status: 0,
      stdout: "good: ok (room good)\n",
      output: "good: ok (room good)\n",
    });
    const none = runCommand(runtime, ["check", "gone", "--extensions", folder]);
    expect(none.output).toContain('no application "gone", only "good", "settings", "syntax".');
    expect(none.status).toBe(1);
    rmSync(join(folder, "syntax.ts"));
    rmSync(join(folder, "settings"), { recursive: true });
    const all = runCommand(runtime, ["check", "--extensions", folder]);
    expect(all.output).toContain("good");
    expect(all.status).toBe(0);
    rmSync(folder, { recursive: true });
  });

  test("check ends where an application is nothing but pages", () => {
    const folder = makeFolder({
      "album/public/index.html": `<script type="module" src="mian.ts"></script>`,
      "broken/public/main.ts": "const a: = 3;",
      "good.ts": good,
    });
    const { status, output } = runCommand(runtime, ["check", "--extensions", folder]);
    expect(output).toContain("album: ok (pages)");
    expect(output).toContain('album: warning: public/index.html:1:28: There is no file "mian.ts".');
    expect(output).toContain("broken: public/main.ts:1:10:");
    expect(output).not.toContain("broken: ok");
    expect(output).toContain("good: ok (room good)");
    expect(status).toBe(1);
    rmSync(folder, { recursive: true });
  });

  test("check tells the place of errors that the engine tells without one, and of what it does not know", () => {
    const folder = makeFolder({
      "pattern.ts": `${good}\nconst found = /(unclosed/;`,
      "modifier.js": `${good}\nconst found = /(?i:a)b/;`,
      "typed.ts": `interface Card {}\nexport { Card };${good}`,
      "decorated.ts": `${good}\nclass Deck {\n  @log shuffle(): void {}\n}`,
      "parted/app.ts": "export default undefined;",
      "parted/rooms/hall.ts": `${good}\nimport "../lib/a.ts";`,
      "parted/lib/a.ts": "const a = {};\nexport const b = a.b.c;",
    });
    const { status, output } = runCommand(runtime, ["check", "--extensions", folder]);
    expect(status).toBe(1);
    expect(output).toContain("pattern.ts:7:15: SyntaxError: Invalid regular expression: /(unclosed/");
    expect(output).toContain("modifier.js:7:15: SyntaxError: invalid group: /(?i:a)b/");
    expect(output).toContain('typed.ts:2:10: Cannot export "Card"');
    expect(output).toContain("decorated.ts:8:3: Cannot use decorators");
    expect(output).toContain("lib/a.ts:2:1: TypeError: cannot read property 'c' of undefined");
    rmSync(folder, { recursive: true });
  });

  test("check warns of variables of a module that can change, and exits 0", () => {
    const folder = makeFolder({ "warned.ts": `let count = 0;\n${good.replace('"hello"', "++count")}` });
    const warned = runCommand(runtime, ["check", "--extensions", folder]);
    expect(warned.output).toMatch(/warned\.ts:1:5: .*"count"/);
    expect(warned.status).toBe(0);
    rmSync(folder, { recursive: true });
  });

  test("check warns of handlers that are never asked as the settings are, of broadcasts that no schema checks, and of unknown timers", () => {
    const folder = makeFolder({
      "games/app.ts": `import { defineApplication } from "hotroom"; export default defineApplication({ events: { create() {} } });`,
      "clock.ts": `import { defineRoom, type Room } from "hotroom";
export default defineRoom({
  messages: { start(room: Room, user, ms: number) { room.schedule("strike" as string, ms); } },
  timers: { stroke() {} },
});`,
      "stand.ts": `import { defineRoom } from "hotroom"; import * as v from "valibot";
export const settings = { subscribe: false };
export default defineRoom({ sends: { said: v.string() }, events: { watch() {} },
  messages: { say: (room) => room.application.room("other").broadcast("said", "") } });`,
      "halls/rooms/small.ts": `import { defineRoom } from "hotroom"; export default defineRoom({});`,
      "halls/rooms/large.ts": `import { defineRoom } from "hotroom"; import * as v from "valibot";
export default defineRoom({ sends: { said: v.string() },
  messages: { say: (room) => room.application.room("other").broadcast("said", 1), own: (room) => room.broadcast("said", "") } });`,
    });
    const { output, status } = runCommand(runtime, ["check", "--extensions", folder]);
    expect(output).toContain(`games: warning: events.create is never asked`);
    expect(output).toContain(`stand: warning: events.watch of room "stand" is never asked`);
    expect(output).toMatch(
      /halls: warning: rooms\/large\.ts:3:30: Which schema of "sends" is meant is not known here/,
    );
    expect(output).toContain(
      `clock: warning: clock.ts:3:67: There is no timers.strike to run: this call fails its event. Did you mean "stroke"?`,
    );
    expect([status, output.match(/warning/g)?.length]).toEqual([0, 4]);
    rmSync(folder, { recursive: true });
  });
});
