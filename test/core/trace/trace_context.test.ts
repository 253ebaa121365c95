import { expect, test } from "bun:test";
import { newSpanId, newTraceId, sampledParent } from "../../../src/core/trace/trace_context.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

test("ids are of the length that others expect, and none is like another", () => {
  expect(newTraceId()).toMatch(/^[0-9a-f]{32}$/);
  expect(newSpanId()).toMatch(/^[0-9a-f]{16}$/);
  expect(newTraceId()).not.toBe(newTraceId());
});

test("a traceparent is followed that asks for it", () => {
  expect(sampledParent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId });
  expect(sampledParent(`00-${traceId}-${spanId}-03`)).toEqual({ traceId, spanId });
  expect(sampledParent(`cc-${traceId}-${spanId}-01-what-will-be`)).toEqual({ traceId, spanId });
});

test.each([
  null,
  "",
  `00-${traceId}-${spanId}-00`,
  `ff-${traceId}-${spanId}-01`,
  `00-${"0".repeat(32)}-${spanId}-01`,
  `00-${traceId}-${"0".repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-1`,
  `00-${traceId}-${spanId}-01x`,
  ` 00-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-01-${"x".repeat(1000)}`,
])("%j is no traceparent that is followed", (header) => {
  expect(sampledParent(header)).toBeUndefined();
});
