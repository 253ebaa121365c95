/** What is told of each limit of an event that was passed: how much it was, how much it may be, and which setting that is. */
import { expect, test } from "bun:test";
import { limits, Stage } from "./stage.ts";

const small = { ...limits, message: 1000, output: 4000, effects: 10, log: 200, state: 2000, migrate: 40 };

const cases: Record<string, [code: string, told: RegExp | string]> = {
  cpuPerEvent: ["for (;;);", "The handler took longer than its 20 ms of CPU time (limits.cpuPerEvent)."],
  "cpuPerEvent, in native code": [
    "const list = Array(200000).fill(1); for (let n = 0; n < 60; n++) list.indexOf(2);",
    /^The handler took longer than its 20 ms of CPU time: \d+ ms \(limits\.cpuPerEvent\)\.$/,
  ],
  memory: [
    "const all = []; for (;;) all.push('x'.repeat(1_000_000) + all.length);",
    `More memory was needed than the ${limits.memory} bytes of a sandbox (limits.memory): InternalError: out of memory`,
  ],
  message: [
    "room.broadcast('x', 'y'.repeat(1000));",
    "Error: room.broadcast: the message is larger than 1000 bytes: it has 1002 (limits.message).",
  ],
  "message, of a reply": [
    "return 'y'.repeat(1000);",
    'Error: The result of "go": the message is larger than 1000 bytes: it has 1002 (limits.message).',
  ],
  "message, of a refusal": [
    "refuse('No.', 'y'.repeat(1000));",
    "Error: refuse: the message is larger than 1000 bytes: it has 1002 (limits.message).",
  ],
  output: [
    "for (let n = 0; n < 9; n++) room.broadcast('x', 'y'.repeat(900));",
    /^Error: room\.broadcast: the event's effects are larger than 4000 bytes: they have 4\d\d\d \(limits\.output\)\.$/,
  ],
  effects: [
    "for (let n = 0; n < 11; n++) room.broadcast('x');",
    "Error: room.broadcast: the event has more than 10 effects (limits.effects).",
  ],
  log: [
    "for (let n = 0; n < 11; n++) console.log('y'.repeat(90));",
    "Error: console: the event has logged more than 200 bytes: 270 (limits.log).",
  ],
};

test.each(Object.entries(cases))("the limit %s is told with its setting", async (name, [code, told]) => {
  const stage = await Stage.room(`messages: { go(room) { ${code} } }`, {
    limits: { ...small, cpuPerEvent: name === "memory" ? 5000 : small.cpuPerEvent },
  });
  let detail: string | undefined;
  // What takes its time in native code is told by what the whole process has used, so that one may pass.
  for (let n = 0; n < (name.includes("native") ? 50 : 1) && detail === undefined; n++)
    detail = (await stage.message("go")).failure?.detail?.split("\n")[0];
  if (typeof told === "string") expect(detail).toBe(told);
  else expect(detail).toMatch(told);
});

test("the limits of a state, and of the time to set it up, are told with their settings", async () => {
  const stage = await Stage.room("messages: { go(room) { room.state.x = 'x'.repeat(2000); } }", {
    limits: small,
  });
  await stage.message("go");
  const [snapshot] = await stage.play({ kind: "snapshot" });
  expect(snapshot?.failure?.detail).toStartWith(
    "Error: the state is larger than 2000 bytes: it has 2008 (limits.state)",
  );
  const slow = Stage.room("state() { for (;;); }", { limits: small });
  expect(await slow.then((stage) => stage.message("go"))).toMatchObject({ status: "handler_failed" });
});
