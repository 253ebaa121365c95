import { expect, test } from "bun:test";
import { ApplicationLimits } from "../../../src/core/application/application_limits.ts";
import { settingsSchema } from "../../../src/core/application/settings.ts";
import type { ScriptEvent } from "../../../src/core/ports/event.ts";
import type { Span } from "../../../src/core/ports/span_sink.ts";
import type { LogFields, LogLevel } from "../../../src/core/ports/log.ts";
import { Tracing } from "../../../src/core/trace/tracing.ts";
import { FakeClock } from "../fake_clock.ts";
import * as v from "valibot";

const message: ScriptEvent = { kind: "message", user: "u1", type: "say", reply: false };
const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

function stage(sample: number, logBytes?: number, level: LogLevel | "none" = "info") {
  const clock = new FakeClock();
  const lines: { text: string; fields: LogFields }[] = [];
  const spans: Span[] = [];
  const log = (_: string, text: string, fields: LogFields = {}) => void lines.push({ text, fields });
  const { limits } = v.parse(settingsSchema, { limits: logBytes === undefined ? {} : { logBytes } });
  const application = { name: "chat", limits: new ApplicationLimits(clock, log, "chat", () => limits) };
  const sink = { add: (span: Span) => void spans.push(span), close: async () => {} };
  const tracing = new Tracing({
    clock,
    log,
    level: level === "none" ? undefined : level,
    sample,
    spans: sink,
  });
  const frame = () => {
    const request = { event: "message" as const, type: "say", room: "lobby" };
    tracing.frame(request, { id: "c1", application, user: { id: "u1" } });
    return request;
  };
  const event = (request: object, of: ScriptEvent = message) =>
    tracing.within(request, () => tracing.event(of, { application: "chat", limits: application.limits }));
  return { clock, lines, spans, tracing, application, frame, event };
}

test("without a share nothing is followed but what asks for it", () => {
  const { tracing, application, lines, frame, event } = stage(0);
  expect(event(frame())).toBeUndefined();
  const request = {};
  tracing.http(request, null, application, "request");
  expect([event(request), lines.length]).toEqual([undefined, 0]);
  tracing.http(request, traceparent, application, "request");
  expect(event(request)?.traceId).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
  expect(lines.map(({ text }) => text)).toEqual(["request came by HTTP."]);
});

test("of one application no more is followed than the bound says, whoever asks for it, and what follows from one event counts", () => {
  const { clock, tracing, application, frame, event, spans } = stage(1);
  const first = event(frame());
  let followed = 0;
  for (let i = 0; i < 1000; i++) if (first?.during(() => event({}))) followed++;
  expect(followed).toBe(98);
  tracing.http({}, traceparent, application, "request");
  expect(event(frame())).toBeUndefined();
  clock.advance(1000);
  for (let i = 0; i < 1000; i++) if (event(frame())) followed++;
  expect(followed).toBe(98 + 10);
  expect(spans).toEqual([]);
});

test("the lines that follow events count for what their application may log", () => {
  const { lines, frame, event } = stage(1, 500);
  for (let i = 0; i < 50; i++) event(frame());
  const bytes = lines.reduce((sum, { text, fields }) => sum + text.length + JSON.stringify(fields).length, 0);
  expect(bytes).toBeLessThanOrEqual(5 * 500);
  expect(lines.length).toBeGreaterThan(0);
});

test("a request of which nothing comes is told once, and one of which an event has come is not refused", () => {
  const { lines, spans, tracing, frame, event } = stage(1);
  const [refused, taken] = [frame(), frame()];
  event(taken);
  for (const request of [refused, refused, taken, {}]) tracing.refused(request, "not_in_room");
  const told = lines.filter(({ text }) => text.includes("refused"));
  expect(told.map(({ text }) => text)).toEqual(['message "say" is refused: not_in_room.']);
  expect(told[0]?.fields).toMatchObject({ application: "chat", room: "lobby", code: "not_in_room" });
  // What no handler was for may have been called anything.
  expect(spans).toMatchObject([{ name: "message", kind: "server", error: "not_in_room" }]);
});

test("a message that the server passes on is followed to there", () => {
  const { lines, spans, clock, tracing, frame, event } = stage(1);
  const request = frame();
  clock.advance(3);
  for (let i = 0; i < 2; i++) tracing.passedOn(request);
  expect(event(request)?.spanId).not.toBe(lines[0]?.fields.span_id as string);
  expect(lines.map(({ text }) => text)).toEqual([
    'message "say" came in a frame.',
    'message "say" is passed on.',
  ]);
  expect(spans).toMatchObject([{ name: 'message "say"', kind: "server", spanId: lines[0]?.fields.span_id }]);
  const [{ start, end } = expect.unreachable()] = spans;
  expect(end - start).toBe(3);
});

test("without a level nothing is written, and what scripts log has the ids", () => {
  const { lines, frame, event, tracing } = stage(1, undefined, "none");
  const trace = event(frame());
  expect(lines).toEqual([]);
  expect(trace?.during(() => tracing.fields)).toEqual({ trace_id: trace?.traceId, span_id: trace?.spanId });
  expect(tracing.fields).toBeUndefined();
});

test("of what an event was called and asked for only so much is written", () => {
  const { lines, spans, frame, event } = stage(1);
  const trace = event(frame(), { kind: "emit", type: "x".repeat(10_000) });
  const effects = Array.from({ length: 500 }, () => ({
    kind: "broadcast" as const,
    type: "y".repeat(10_000),
  }));
  const moments = { acceptedAt: 1, handedAt: 2, answeredAt: 3, savedAt: 4 };
  trace?.carriedOut(moments, { version: "v1·3fa9c1", effects });
  trace?.carriedOut(moments, { version: "v1·3fa9c1", effects });
  expect(lines).toHaveLength(2);
  expect(lines[1]?.text).toEndWith(", 490 more.");
  expect(lines[1]?.text.length).toBeLessThan(1200);
  expect(spans.map(({ name }) => name.length > 100)).not.toContain(true);
  expect(JSON.stringify(spans).length).toBeLessThan(4000);
});
