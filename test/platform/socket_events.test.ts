import { expect, test } from "bun:test";
import { Pace } from "../../src/core/limit/pace.ts";
import type { Socket } from "../../src/core/ports/socket.ts";
import { SocketEvents } from "../../src/platform/socket_events.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A socket of which only counts how often it was cut. */
function makeSocket() {
  let cuts = 0;
  const socket: Socket = {
    buffered: 0,
    send() {},
    close() {},
    terminate: () => void cuts++,
    divert: (handler) => handler,
  };
  return { socket, cuts: () => cuts };
}

test("of sockets that are lost at once a few are told of in each turn of the loop, in their order", async () => {
  let now = 0;
  const pace = new Pace(() => now);
  const closed: number[] = [];
  const close = (n: number) => () => {
    now += 0.5;
    closed.push(n);
  };
  for (let n = 0; n < 6; n++) {
    const handler = { open() {}, message() {}, close: close(n) };
    new SocketEvents(handler, () => {}, pace).close(makeSocket().socket, 1006, "");
  }
  expect(closed).toEqual([]);
  const counts: number[] = [];
  while (closed.length < 6) {
    await turn();
    counts.push(closed.length);
  }
  expect(counts.length).toBeGreaterThan(1);
  expect(closed).toEqual([0, 1, 2, 3, 4, 5]);
});

test("one that sends much after it was closed is cut off after few frames", () => {
  const { socket, cuts } = makeSocket();
  const events = new SocketEvents({ open() {}, message() {}, close() {} }, () => {}, new Pace(() => 0));
  events.close(socket, 4502, "");
  const megabyte = "x".repeat(1024 * 1024);
  for (let n = 0; n < 3; n++) events.message(socket, megabyte);
  expect(cuts()).toBe(0);
  for (let n = 0; n < 3; n++) events.message(socket, megabyte);
  expect(cuts()).toBe(1);
});

test("a peer that goes on sending after its socket was closed is cut off", () => {
  const { socket, cuts } = makeSocket();
  let heard = 0;
  const handler = { open() {}, message: () => void heard++, close() {} };
  const events = new SocketEvents(handler, () => {}, new Pace(() => 0));
  events.message(socket, "{}");
  events.close(socket, 4502, "");
  for (let n = 0; n < 999; n++) events.message(socket, "{}");
  expect(cuts()).toBe(0);
  for (let n = 0; n < 100; n++) events.message(socket, "{}");
  expect([heard, cuts()]).toEqual([1, 1]);
});
