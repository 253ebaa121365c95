/** Which frames go over the next connection. */
import { expect, test } from "bun:test";
import { Outbox, outgoing } from "../../../src/client/connection/outbox.ts";

/** Returns an outbox with messages of these types, so many of which were sent. */
function filled(sent: number, ...types: string[]): Outbox {
  const outbox = new Outbox(100);
  for (const type of types) outbox.add(outgoing({ event: "message", type }, `send "${type}"`));
  for (let n = 0; n < sent; n++) outbox.next();
  return outbox;
}

function rest(outbox: Outbox): string[] {
  const types: string[] = [];
  for (let next = outbox.next(); next; next = outbox.next()) types.push(JSON.parse(String(next.frame)).type);
  return types;
}

test("what the server has not taken is sent again, in order", () => {
  const outbox = filled(3, "a", "b", "c", "d");
  outbox.rewind(2);
  expect(rest(outbox)).toEqual(["c", "d"]);
});

test("what a server that was started again has of the frames behind those is not sent again, and is not counted from then on", () => {
  const outbox = filled(5, "a", "b", "c", "d", "e");
  outbox.rewind(2, [4]);
  expect(rest(outbox)).toEqual(["c", "e"]);
  // The server counts these two as the third and the fourth.
  outbox.rewind(3);
  expect(rest(outbox)).toEqual(["e"]);
});

test("a server that was started again may know of fewer frames than it has answered", () => {
  const outbox = filled(3, "a", "b", "c", "d");
  for (const item of outbox.list().slice(0, 3)) outbox.confirm(item);
  outbox.rewind(1);
  expect(rest(outbox)).toEqual(["d"]);
  outbox.rewind(2);
  expect(rest(outbox)).toEqual([]);
});

test("a frame that nobody waits for any more is left out, and the numbers of the others are what they were", () => {
  const outbox = filled(3, "a", "b", "c");
  outbox.giveUp(outbox.list()[0] as never);
  outbox.rewind(0, [2]);
  expect(rest(outbox)).toEqual(["c"]);
});
