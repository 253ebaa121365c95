import { expect, test } from "bun:test";
import { DueTimers } from "../../../../src/core/extension/timers/due_timers.ts";
import { TAKEN_BACK, type TimerEvent } from "../../../../src/core/ports/event.ts";

const due = (name: string, key?: string): TimerEvent => ({
  kind: "timer",
  name,
  ...(key !== undefined && { key }),
});

test("of timers that wait those of a name and key are taken back, each once", () => {
  const forgotten: TimerEvent[] = [];
  const timers = new DueTimers(
    () => {},
    (event) => forgotten.push(event),
  );
  const [plain, first, again, other] = [due("end"), due("end", "a"), due("end", "a"), due("end", "b")];
  for (const event of [plain, first, again, other]) timers.add(event);
  timers.takeBack({ name: "end", key: "a" });
  timers.takeBack({ name: "end", key: "a" });
  expect(forgotten).toEqual([first, again]);
  expect([plain, first, again, other].map(({ known }) => known === TAKEN_BACK)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test("a timer that is set looks at none of those that wait under other keys", () => {
  const timers = new DueTimers(
    () => {},
    () => {},
  );
  let looks = 0;
  for (let n = 0; n < 1000; n++) {
    const event = due("end", String(n));
    timers.add({
      ...event,
      get name() {
        looks++;
        return event.name;
      },
    });
  }
  const before = looks;
  for (let n = 0; n < 1000; n++) timers.takeBack({ name: "end", key: `new ${n}` });
  expect(looks - before).toBe(0);
});
