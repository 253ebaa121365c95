/** Which of several changes still make a difference. */
import { expect, test } from "bun:test";
import { LaterWrites } from "../../../../src/core/durable/commit/later_writes.ts";
import type { Write } from "../../../../src/core/ports/journal_store.ts";

test("a room's change is not taken for that of another, whatever rooms and keys are called", () => {
  const put = (room: string, key: string): Write => ({
    kind: "put",
    at: { application: "chat", room },
    item: "schedule",
    key,
    value: "1",
  });
  const later = new LaterWrites();
  expect(later.add(put("den", "aschedule b"))).toBe(true);
  expect(later.add(put("denschedule a", "b"))).toBe(true);
  expect(later.add(put("den", "aschedule b"))).toBe(false);
});
