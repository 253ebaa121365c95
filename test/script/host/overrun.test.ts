/** Events that take too long in native code, which nothing interrupts: it is noticed when they are over. */
import { expect, spyOn, test } from "bun:test";
import { Flag } from "../../../src/script/wire/batch/batch.ts";
import { join, message, Stage } from "./stage.ts";

/** Takes several times what an event may take, in one call of a built-in. */
const LONG = "Array.prototype.indexOf.call({ length: 5e6 }, 1);";

test("an event that took too long in native code fails as if it had been interrupted, and its neighbours do not", async () => {
  const stage = await Stage.room(`state: () => ({ n: 0 }), messages: {
    add(room) { room.broadcast("added", ++room.state.n); },
    bad(room) { room.state.n += 10; room.broadcast("lost"); console.log("kept"); ${LONG} return 1; } }`);
  const results = await stage.play(message("add"), message("bad"), message("add"));
  expect(results.map(({ status }) => status)).toEqual(["ok", "handler_failed", "ok"]);
  expect(results[1]).toMatchObject({ failure: { limit: "cpu" }, effects: [], logs: [["info", "kept"]] });
  expect(results[1]?.failure?.detail).toContain("took longer than its 20 ms of CPU time");
  // What a handler that fails has changed stands.
  expect(results[2]?.effects).toEqual([["broadcast", "added", 12, 0]]);
});

test("whoever joins by such an event is not in the room", async () => {
  const stage = await Stage.room(`events: { join(room, user) { if (user.name === "cid") ${LONG} } },
    messages: { who: (room) => room.users.map(({ name }) => name) }`);
  const [joined, who] = await stage.play(join("u3", "cid"), message("who"));
  expect(joined).toMatchObject({ status: "handler_failed", failure: { limit: "cpu" } });
  expect(who?.value).toEqual(["ann", "ben"]);
});

test("it fails too where it threw, was refused or caught what it could, and after an await", async () => {
  const stage = await Stage.room(`messages: {
    thrown() { ${LONG} throw new Error("no"); },
    refused() { ${LONG} refuse("no"); },
    async awaited() { await 0; ${LONG} return 1; } }`);
  const results = await stage.play(message("thrown"), message("refused"), message("awaited"));
  expect(results.map(({ failure }) => failure?.limit)).toEqual(["cpu", "cpu", "cpu"]);
});

test("a replay does not fail of it: it leads to the state that the event led to", async () => {
  const stage = await Stage.room(
    `state: () => ({ n: 0 }), messages: { bad(room) { room.state.n++; ${LONG} } }`,
  );
  const [replayed] = await stage.play({ ...message("bad"), flags: Flag.muted });
  expect(replayed?.status).toBe("ok");
  expect((await stage.snapshot()).state).toEqual({ n: 1 });
});

test("an event during which the machine sleeps does not fail", async () => {
  const stage = await Stage.room(`messages: { short: () => 1 }`);
  let now = Date.now();
  const spy = spyOn(Date, "now").mockImplementation(() => (now += 60_000));
  const results = await stage.play(message("short"), message("short")).finally(() => spy.mockRestore());
  expect(results.map(({ value }) => value)).toEqual([1, 1]);
});
