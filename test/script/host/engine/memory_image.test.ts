import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { ToHost, ToServer } from "../../../../src/script/wire/frame_kinds.ts";
import { join, limits, loadRequest, message, open, type Played, Stage } from "../stage.ts";

const wasm = new URL(import.meta.resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm"));

/** The global section of a WebAssembly module: whether each of its globals can change. */
function globals(bytes: Uint8Array): boolean[] {
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const size = number();
    if (section !== 6) {
      at += size;
      continue;
    }
    return Array.from({ length: number() }, () => {
      const isMutable = bytes[at + 1] === 1;
      // Type, mutability, i32.const, value, end.
      at += 3;
      number();
      at++;
      return isMutable;
    });
  }
  return [];
}

test("an engine's memory is all of its state: the module has one global that changes, its stack pointer", () => {
  expect(globals(readFileSync(wasm)).filter((isMutable) => isMutable)).toHaveLength(1);
});

for (const valibot of [false, true]) {
  const files = {
    "rooms/m.ts": `import { defineRoom } from "hotroom"; ${valibot ? 'import * as v from "valibot";' : ""}
      import { next } from "../lib/count.ts";
      const made = Math.random(); const kept = []; const symbol = Symbol("x"); const map = new Map([[symbol, 1]]);
      class Thing { #secret = 5; get secret() { return this.#secret; } }
      const thing = new Thing();
      export default defineRoom({
        state: () => ({ n: 0 }),
        messages: {
          look: (room) => [made, kept.length, map.get(symbol), thing.secret, next(), typeof eval, room.users.length],
          keep() { kept.push(new Array(1000).fill("kept")); },
          async wait(room) { await 0; return ++room.state.n; },
          loop() { for (;;); },
          ${valibot ? "add: { schema: v.number(), handle: (room, user, n) => n + 1 }," : "add: (room, user, n) => n + 1,"}
        },
      });`,
    "lib/count.ts": "let count = 0; export const next = () => ++count;",
  };

  test(`copies of a sandbox ${valibot ? "with" : "without"} valibot start where it was loaded and share nothing`, async () => {
    const stage = new Stage();
    await stage.load(loadRequest(files));
    const looks: unknown[] = [];
    for (let id = 1; id <= 6; id++) {
      await stage.frame(ToHost.sandbox, id, JSON.stringify({ version: 1 }));
      const run = async (...events: Played[]) => (await stage.playIn(id, ...events)).at(-1);
      const look = await run(open({}, id), join("u1", "ann", undefined, id), {
        ...message("look"),
        script: id,
      });
      looks.push(look?.value);
      await run({ ...message("keep"), script: id });
      expect((await run({ ...message("wait"), script: id }))?.value).toBe(1);
      expect((await run({ ...message("add", 4), script: id }))?.value).toBe(5);
      expect((await run({ ...message("loop"), script: id }))?.failure?.limit).toBe("cpu");
      expect((await run({ ...message("look"), script: id }))?.value).toMatchObject({ 1: 1, 4: 2 });
    }
    for (const look of looks) expect(look).toEqual(looks[0]);
    expect(stage.sent.filter(({ kind }) => kind === ToServer.poisoned)).toEqual([]);
  });
}

test("a version that has grown past what can be copied is loaded anew each time", async () => {
  const source = `import { defineRoom } from "hotroom"; const big = []; for (let i = 0; i < 3000; i++) big.push(new ArrayBuffer(4096));
    export default defineRoom({ messages: { size: () => big.length } });`;
  const stage = new Stage();
  await stage.load(loadRequest({ "rooms/m.ts": source }, { limits: { ...limits, load: 5000 } }));
  for (let id = 1; id <= 4; id++) {
    await stage.frame(ToHost.sandbox, id, JSON.stringify({ version: 1 }));
    const results = await stage.playIn(id, open({}, id), { ...message("size"), script: id });
    expect(results[1]?.value).toBe(3000);
  }
});
