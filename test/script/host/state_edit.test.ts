/** Edits of a state by somebody outside: what a path leads to, and what is left where it is not done. */
import { expect, test } from "bun:test";
import { limits, Stage } from "./stage.ts";

const edit = (path: unknown[], ...value: unknown[]) => ({
  kind: "edit",
  data: { path, ...(value.length > 0 && { value: value[0] }) },
});

const state = "{ list: [1, [2]], deep: { a: { b: 1 } }, text: 'x', none: null }";

test("puts values where there are some, at new keys and at the end of lists, and takes them out", async () => {
  const stage = await Stage.room(`state: () => (${state})`);
  const results = await stage.play(
    edit(["list", 1, 0], { c: 3 }),
    edit(["list", 2], "end"),
    edit(["deep", "a", "constructor"], 2),
    edit(["deep", "a", "b"]),
    edit(["list", 0]),
    edit(["none"], false),
    edit(["text"], null),
  );
  expect(results.map(({ status, value, effects }) => [status, value, effects])).toEqual(
    results.map(() => ["ok", undefined, []]),
  );
  expect((await stage.snapshot()).state).toEqual({
    list: [[{ c: 3 }], "end"],
    deep: { a: { constructor: 2 } },
    text: null,
    none: false,
  });
  await stage.play(edit([], { whole: "new" }));
  expect((await stage.snapshot()).state).toEqual({ whole: "new" });
});

test.each<[unknown[], string]>([
  [["no", "where"], "$.no"],
  [["list", 3], "$.list[3]"],
  [["list", "length"], "$.list.length"],
  [["list", "0"], '$.list["0"]'],
  [["deep", 0], "$.deep[0]"],
  [["text", 0], "$.text"],
  [["none", "a"], "$.none"],
  [["constructor", "prototype", "x"], "$.constructor"],
  [["deep", "__proto__", "x"], "$.deep.__proto__"],
])("a path of %j leads nowhere, and nothing has changed", async (path, told) => {
  const stage = await Stage.room(`state: () => (${state})`);
  const before = await stage.snapshot();
  const [put] = await stage.play(edit(path, 1));
  const isNew = path.length > 1 && told.endsWith(String(path.at(-1)));
  expect(put).toMatchObject({ status: "refused", failure: { message: `The state has nothing at ${told}.` } });
  const [taken] = await stage.play(edit(path));
  expect([taken?.status, isNew]).toEqual(["refused", isNew]);
  expect(await stage.snapshot()).toEqual(before);
});

test("takes out nothing that is not there", async () => {
  const stage = await Stage.room(`state: () => (${state})`);
  const results = await stage.play(edit(["gone"]), edit(["list", 2]), edit(["deep", "toString"]), edit([]));
  expect(results.map(({ status }) => status)).toEqual(["refused", "refused", "refused", "invalid_data"]);
});

test("a state that would be too large stays as it was, keys in their order", async () => {
  const stage = await Stage.room(`state: () => (${state})`, { limits: { ...limits, state: 200 } });
  const before = JSON.stringify(await stage.snapshot());
  const large = "x".repeat(300);
  const paths = [["text"], ["more"], ["list", 0], ["list", 2], ["deep", "a", "c"]];
  for (const path of paths) {
    const [result] = await stage.play(edit(path, large));
    expect(result?.status).toBe("invalid_data");
    expect(result?.failure?.message).toContain("is larger than 200 bytes");
  }
  const [whole, word] = await stage.play(edit([], { large }), edit([], "a word"));
  expect([whole?.status, word?.status]).toEqual(["invalid_data", "invalid_data"]);
  expect(JSON.stringify(await stage.snapshot())).toBe(before);
});

test("no handler hears it, no setter runs, and what a script has done to prototypes leads nowhere", async () => {
  const stage = await Stage.room(
    `state: () => ({ n: 1 }),
    events: { message(room, user, { type }) { room.state.heard = type; } },
    messages: {
      trap(room) {
        Object.prototype.inherited = { x: 1 };
        Object.defineProperty(Object.prototype, "late", { set() { throw new Error("set"); }, configurable: true });
        Object.defineProperty(room.state, "own", { get: () => ({}), set() { throw new Error("own"); }, enumerable: true, configurable: true });
      },
      free(room) { delete Object.prototype.inherited; delete room.state.own; },
    }`,
  );
  await stage.message("trap");
  const results = await stage.play(
    edit(["inherited", "x"], 2),
    edit(["late"], 3),
    edit(["own"], 4),
    edit(["own", "x"], 4),
    edit(["n"], 5),
  );
  expect(results.map(({ status }) => status)).toEqual(["refused", "ok", "refused", "refused", "ok"]);
  await stage.message("free");
  expect((await stage.snapshot()).state).toEqual({ n: 5, late: 3 });
});
