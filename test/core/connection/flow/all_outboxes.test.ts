/** What may wait for all clients together, and who is closed where more does. */
import { expect, test } from "bun:test";
import { AllOutboxes } from "../../../../src/core/connection/flow/all_outboxes.ts";
import { FakeClock } from "../../fake_clock.ts";

/** Clients for whom so many bytes wait; 100 may for all. */
function clients(...bytes: number[]) {
  const log: string[] = [];
  const outboxes = new AllOutboxes({ clock: new FakeClock(), log: (_, text) => log.push(text), most: 100 });
  const closed: number[] = [];
  const connections = bytes.map((buffered, at) => ({
    buffered,
    close() {
      closed.push(at);
      // Somebody is told of it, and is looked at.
      outboxes.note(teller, 1);
    },
  }));
  const teller = { buffered: 1, close: () => closed.push(-1) };
  const note = (at: number) => {
    const connection = connections[at];
    if (connection) outboxes.note(connection, connection.buffered);
  };
  return { closed, connections, log, note, outboxes };
}

test("those go for whom the most waits, as many as make an eighth of the place free", () => {
  const { closed, log, note } = clients(20, 50, 10, 21);
  for (const at of [0, 1, 2]) note(at);
  expect(closed).toEqual([]);
  note(3);
  expect(closed).toEqual([1]);
  expect(log).toEqual([
    "101 bytes waited for clients that do not keep up, of 100 for all together (outboxTotal): closed 1 connection for which the most did.",
  ]);
});

test("who has caught up since it was looked at counts no more", () => {
  const { closed, connections, note } = clients(60, 30, 20);
  note(0);
  note(1);
  if (connections[0]) connections[0].buffered = 0;
  note(2);
  expect(closed).toEqual([]);
});

test("who is closed for another reason counts no more", () => {
  const { closed, connections, note, outboxes } = clients(60, 30, 50);
  note(0);
  note(1);
  if (connections[0]) outboxes.forget(connections[0]);
  note(2);
  expect(closed).toEqual([]);
});

test("nobody goes while what waits is just not too much, and somebody does once it is", () => {
  const { closed, connections, note } = clients(60, 30, 20);
  note(0);
  note(1);
  if (connections[0]) connections[0].buffered = 45;
  note(2);
  expect(closed).toEqual([]);
  if (connections[2]) connections[2].buffered = 28;
  note(2);
  expect(closed).toEqual([0]);
});
