/** What can't be handed to a host's process leaves nothing behind that is waited for. */
import { expect, test } from "bun:test";
import type { Outcome } from "../../../../src/core/ports/outcome.ts";
import { MAX_FRAME } from "../../../../src/process/frame.ts";
import { ask, buildOf, Room, startHosts, stateOf } from "../harness.ts";

test("an event that no frame can carry fails by itself; its script and the others go on with their state", async () => {
  const { hosts, log } = startHosts();
  const version = await hosts.load(buildOf());
  const rooms = [new Room("large"), new Room("other")] as const;
  const [large, other] = [hosts.open(version, rooms[0]), hosts.open(version, rooms[1])];
  const before = [ask(large, "count", 1), ask(other, "count", 1)];
  const failed = new Promise<Outcome>((done) =>
    large.dispatch({ kind: "timer", name: "x", data: " ".repeat(MAX_FRAME) }, done),
  );
  const after = [ask(large, "count", 2), ask(other, "count", 2)];
  expect((await failed).failure).toMatchObject({
    code: "handler_failed",
    detail: expect.stringContaining("Cannot send a frame of"),
  });
  const values = (await Promise.all([...before, ...after])).map(({ value }) => value);
  expect(values).toEqual(['{"count":1}', '{"count":1}', '{"count":2}', '{"count":2}']);
  for (const script of [large, other]) {
    expect(await stateOf(script)).toMatchObject({ count: 2, seen: ["1", "2"] });
  }
  expect(rooms.flatMap(({ failures }) => failures)).toEqual([]);
  expect(hosts.hosts()[0]).toMatchObject({ restarts: 0, scripts: 2 });
  expect(log.filter((line) => line.includes("can't be given its next events"))).toHaveLength(1);
});

test("a version that no frame can carry is refused; the next one is loaded", async () => {
  const { hosts } = startHosts();
  const error = await hosts.load(buildOf(" ".repeat(MAX_FRAME))).catch((error) => error);
  expect(error).toMatchObject({ name: "BuildError" });
  expect(error.message).toContain("app can't be loaded: Cannot send a frame of");
  const script = hosts.open(await hosts.load(buildOf()), new Room());
  expect((await ask(script, "count")).value).toBe('{"count":1}');
});
