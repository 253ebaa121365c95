/** How a script says a room is to be made or changed. */
import { expect, test } from "bun:test";
import { directory, SEED, Stage } from "./stage.ts";

test("createRoom fails at the call, with its place, for what no room can be made with", async () => {
  const room = `import { defineRoom } from "hotroom"; export default defineRoom({});`;
  const app = `import { defineApplication } from "hotroom"; export default defineApplication({ messages: {
    make(app, user, [name, options]) { app.createRoom(name, options); }, odd(app) { app.createRoom("x", { type: "m", meta: () => 1 }); } } });`;
  const stage = await Stage.of({ "app.ts": app, "rooms/m.ts": room, "rooms/n.ts": room });
  const there = { name: "there", type: "m", users: 0, keep: true };
  await stage.play(
    { kind: "open", data: { application: "game", version: "v1·abc", seed: SEED } },
    directory({ rooms: { add: [there] } }),
  );
  const type = "m";
  const known = "type, maxUsers, keep, locked, hidden, password, meta";
  const failures: [string, object | undefined, string][] = [
    ["x", { type, maxUsers: 0 }, "maxUsers must be a whole number from 1, or Infinity, not 0"],
    ["x", { type, maxUsers: null }, "maxUsers must be a whole number from 1, or Infinity, not null"],
    ["x", { type, keep: 1 }, "keep must be true or false, not 1"],
    ["x", { type, locked: "no" }, 'locked must be true or false, not "no"'],
    ["x", { type, password: "" }, 'password must be a text of 1 to 128 characters, not ""'],
    ["x", { type, meta: "m".repeat(1025) }, "meta must have at most 1024 bytes as JSON"],
    ["x", { type: "__proto__" }, 'type must be a name, not "__proto__"'],
    ["x", { type: "o" }, 'there is no type "o" (there is "m", "n")'],
    ["x", {}, 'type must be one of "m", "n"'],
    ["x", { type, colour: 1 }, `unknown option "colour"; there is ${known}`],
    ["there", { type }, 'there is a room of the name "there" already'],
    [" x", { type }, 'the name must be a name, not " x"'],
  ];
  for (const [name, options, told] of failures) {
    const { failure, effects } = await stage.message("make", [name, options]);
    expect([failure?.detail?.split("\n")[0], effects]).toEqual([`TypeError: app.createRoom: ${told}`, []]);
    expect(failure?.position).toMatchObject({ file: "app.ts", line: 2 });
  }
  expect((await stage.message("odd")).failure?.detail).toContain(
    "meta can't be written as JSON: it is a function",
  );
  const options = { type, maxUsers: 2, keep: true, locked: true, hidden: true, password: "x", meta: null };
  expect((await stage.message("make", ["x", options])).effects).toEqual([["createRoom", "x", options]]);
});

test("Infinity is no limit where a room is made and changed, and is not warned of", async () => {
  const stage = await Stage.room(
    `maxUsers: Infinity, maxWatchers: Infinity, messages: { set(room) { room.application.createRoom("x", { maxUsers: Infinity }); room.update({ maxUsers: Infinity }); return room.maxWatchers === Infinity; } }`,
  );
  expect(await stage.message("set")).toMatchObject({
    value: true,
    logs: [],
    effects: [
      ["createRoom", "x", { maxUsers: null }],
      ["updateRoom", undefined, { maxUsers: null }],
    ],
  });
});
