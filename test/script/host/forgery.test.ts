/** Scripts that reach for what the prelude keeps to itself. */
import { expect, test } from "bun:test";
import { ToServer } from "../../../src/script/wire/frame_kinds.ts";
import { message, open, Stage } from "./stage.ts";

test("a stack trace hands out no functions of the prelude", async () => {
  const stage = await Stage.room(`messages: {
    look() {
      Error.prepareStackTrace = (error, sites) => sites;
      const thrown = new Error("x").stack;
      const captured = {};
      Error.captureStackTrace(captured);
      return [typeof thrown, typeof captured.stack];
    },
    again() { delete Error.prepareStackTrace; Error.prepareStackTrace = (error, sites) => sites; return typeof new TypeError("x").stack; },
    async late() { await 0; Error.prepareStackTrace = (error, sites) => sites; return typeof new Error("x").stack; } }`);
  expect((await stage.message("look")).value).toEqual(["string", "string"]);
  expect((await stage.message("again")).value).toBe("string");
  expect((await stage.message("late")).value).toBe("string");
});

test("a function that is thrown is not asked for its text", async () => {
  const stage = await Stage.room(`messages: { ok: () => 1, bad() {
    const thrown = () => {};
    thrown.toString = thrown[Symbol.toPrimitive] = () => { throw new Error("asked"); };
    throw thrown; },
    type(room) { const type = () => {}; type.toString = () => "x"; room.broadcast(type); } }`);
  const [bad, type, ok] = await stage.play(message("bad"), message("type"), message("ok"));
  expect(bad?.failure?.detail).toBe("a function was thrown");
  expect(type?.failure?.detail).toContain("must be a name, not a function");
  expect(ok?.value).toBe(1);
  expect(stage.sent.some(({ kind }) => kind === ToServer.poisoned)).toBe(false);
});

test("a file whose name looks like one of the prelude's modules is an ordinary file", async () => {
  const evil = `import { script, scripts } from "./event.js";
    import { defineRoom } from "./hotroom.js";
    export default defineRoom({ messages: { look: () => typeof scripts } });`;
  for (const name of ["hotroom:evil.ts", "hotroom:event.js"]) {
    const loading = Stage.of({ [name]: evil }, { rooms: [["evil", name]] });
    await expect(loading).rejects.toThrow(/Cannot import ".\/\w+.js": there is no file/);
  }
  const decoy = await Stage.of(
    {
      "rooms/m.ts": `import { defineRoom } from "hotroom"; import { script } from "../hotroom:event.js";
        export default defineRoom({ messages: { look: () => script } });`,
      "hotroom:event.js": "export const script = 1;",
    },
    { rooms: [["m", "rooms/m.ts"]] },
  );
  const [, look] = await decoy.play(open(), message("look"));
  expect(look?.value).toBe(1);
});
