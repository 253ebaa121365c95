import { expect, test } from "bun:test";
import { closeCodes, errorCodes, isErrorCode, mayReconnect } from "../../src/protocol/codes.ts";

test("[P100] clients come back after 4000–4499 and not after 4500–4999, known codes or not", () => {
  expect([4000, 4001, 4250, 4499].map(mayReconnect)).toEqual([true, true, true, true]);
  expect([4500, 4501, 4750, 4999].map(mayReconnect)).toEqual([false, false, false, false]);
  for (const { code, reconnect } of Object.values(closeCodes)) expect(mayReconnect(code)).toBe(reconnect);
  expect(closeCodes.slow_client.reconnect).toBe(true);
  expect(closeCodes.kicked.reconnect).toBe(false);
});

test("[P101] of the standard codes only those of a failed path or server say come back", () => {
  const yes = [];
  for (let code = 1000; code < 4000; code++) if (mayReconnect(code)) yes.push(code);
  expect(yes).toEqual([1001, 1005, 1006, 1011, 1012, 1013, 1014]);
  expect([0, 999, 5000, Number.NaN].some(mayReconnect)).toBe(false);
});

test("close codes are distinct, in the range for applications, and their meanings fit into a close frame", () => {
  const entries = Object.values(closeCodes);
  expect(new Set(entries.map(({ code }) => code)).size).toBe(entries.length);
  for (const { code, meaning } of entries) {
    expect(code >= 4000 && code <= 4999).toBe(true);
    expect(Buffer.byteLength(meaning)).toBeLessThanOrEqual(123);
  }
});

test("every error code is lower_case and has one sentence", () => {
  for (const [code, meaning] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  }
});

test("isErrorCode knows the table and nothing that objects inherit", () => {
  expect(isErrorCode("room_full")).toBe(true);
  expect(["", "ROOM_FULL", "constructor", "__proto__", "toString"].some(isErrorCode)).toBe(false);
});
