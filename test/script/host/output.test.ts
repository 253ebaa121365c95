import { expect, test } from "bun:test";
import { limits, Stage } from "./stage.ts";

test("output over its limits fails the event, caught or not", async () => {
  const stage = await Stage.room(
    `messages: {
    message(room) { room.broadcast("x", "x".repeat(70000)); }, wide(room) { room.broadcast("x", "€".repeat(22000)); }, fits(room) { room.broadcast("x", "x".repeat(65000)); room.broadcast("x", "€".repeat(21000)); },
    output(room) { for (let i = 0; i < 5; i++) room.broadcast("x", "x".repeat(60000)); }, effects(room) { for (let i = 0; i < 201; i++) room.broadcast("x"); },
    words(room) { for (let i = 0; i < 150; i++) room.send(Array(3).fill("u".repeat(1000)), "x"); },
    caught(room) { try { room.broadcast("x", "x".repeat(70000)); } catch {} return 1; }, log() { for (;;) console.log("x".repeat(1000)); }, lines() { for (;;) console.log(); },
    value: () => "x".repeat(70000), refusal() { refuse("No.", "x".repeat(70000)); }, caughtRefusal() { try { refuse("No.", "x".repeat(70000)); } catch {} }, ok(room) { for (let i = 0; i < 200; i++) room.broadcast("x", i); } }`,
    { limits: { ...limits, message: 65_536, output: 262_144, cpuPerEvent: 1000 } },
  );
  const details: Record<string, string> = {
    message: "room.broadcast: the message is larger than 65536 bytes: it has ",
    wide: "room.broadcast: the message is larger than 65536 bytes: it has ",
    output: "room.broadcast: the event's effects are larger than 262144 bytes: they have ",
    effects: "room.broadcast: the event has more than 200 effects (limits.effects).",
    words: "room.send: the event's effects are larger than 262144 bytes: they have ",
    caught: "room.broadcast: the message is larger than 65536 bytes: it has ",
    log: "console: the event has logged more than 10240 bytes: ",
    lines: "console: the event has logged more than 10240 bytes: ",
    refusal: "refuse: the message is larger than 65536 bytes: it has ",
    caughtRefusal: "refuse: the message is larger than 65536 bytes: it has ",
    value: 'The result of "value": the message is larger than 65536 bytes: it has ',
  };
  for (const [type, detail] of Object.entries(details)) {
    const { status, failure, effects } = await stage.message(type);
    expect([type, status, failure?.limit, effects]).toEqual([type, "handler_failed", "output", []]);
    expect(failure?.detail).toContain(detail);
  }
  expect((await stage.message("ok")).effects).toHaveLength(200);
  expect((await stage.message("fits")).status).toBe("ok");
});
