import { expect, test } from "bun:test";
import type { Definition, Version } from "../../../src/core/ports/build.ts";
import type { ScriptEvent } from "../../../src/core/ports/event.ts";
import type { Outcome } from "../../../src/core/ports/outcome.ts";
import { OTHERS } from "../../../src/core/trace/event_times.ts";
import { HandlerTimes, MOST_HANDLERS } from "../../../src/core/trace/handler_times.ts";

const definition = (handlers: readonly string[], more: Partial<Definition> = {}): Definition => ({
  kind: "room",
  hasMigrate: false,
  handlers,
  ...more,
});
const version = (rooms: Record<string, Definition>, extension?: Definition): Version => ({
  build: { version: "v1·abcdef" } as Version["build"],
  ...(extension && { extension }),
  rooms: new Map(Object.entries(rooms)),
});
const message = (type: string): ScriptEvent => ({ kind: "message", user: "u1", type, reply: false });
const took = (cpu: number, code?: "handler_failed" | "refused" | "busy"): Outcome => ({
  version: "v1·abcdef",
  cpu,
  effects: [],
  ...(code && { failure: { code, message: "" } }),
});

test("each handler has its events, their CPU time, the worst of them and those that failed", () => {
  const times = new HandlerTimes(
    version(
      { arena: definition(["events.join", "messages.say", "timers.say"], { tickRate: 20 }) },
      definition(["emits.say"]),
    ),
  );
  const arena = times.of("arena") ?? expect.unreachable();
  arena.add(message("say"), took(1));
  arena.add(message("say"), took(3, "handler_failed"));
  arena.add(message("say"), took(2, "refused"));
  arena.add(message("say"), took(0, "busy"));
  arena.add({ kind: "tick", elapsed: 50 }, took(0.25));
  arena.add({ kind: "timer", name: "say" }, took(0.5));
  times.of(null)?.add({ kind: "emit", type: "say" }, took(4));
  const each = { type: "arena", version: "v1·abcdef", failures: 0 };
  expect(times.view()).toEqual([
    { ...each, type: null, handler: "emits.say", events: 1, cpu: 4, worst: 4 },
    { ...each, handler: "tick", events: 1, cpu: 0.25, worst: 0.25 },
    { ...each, handler: "messages.say", events: 3, cpu: 6, worst: 3, failures: 1 },
    { ...each, handler: "timers.say", events: 1, cpu: 0.5, worst: 0.5 },
  ]);
});

test("a handler for all messages has those that no other has; what nobody hears is counted together", () => {
  const times = new HandlerTimes(
    version({ a: definition(["events.message", "messages.say"]), b: definition([]) }),
  );
  for (const type of ["a", "b"])
    for (const name of ["say", "x", "y"]) times.of(type)?.add(message(name), took(1));
  expect(times.view().map(({ type, handler, events }) => [type, handler, events])).toEqual([
    ["a", "events.message", 2],
    ["a", "messages.say", 1],
    ["b", OTHERS, 3],
  ]);
});

test("a version has so many handlers by name, whatever its scripts have and clients send", () => {
  const names = Array.from({ length: MOST_HANDLERS }, (_, at) => `messages.m${at}`);
  const times = new HandlerTimes(version({ a: definition(names.slice(1)), b: definition(names) }));
  for (let at = 0; at < 2 * MOST_HANDLERS; at++)
    for (const type of ["a", "b"]) times.of(type)?.add(message(`m${at}`), took(1));
  const views = times.view();
  expect(views.filter(({ handler }) => handler !== OTHERS)).toHaveLength(MOST_HANDLERS);
  expect(views.length).toBe(MOST_HANDLERS + 2);
  expect(views.reduce((sum, { events }) => sum + events, 0)).toBe(4 * MOST_HANDLERS);
});
