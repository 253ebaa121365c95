/** Spans on their way to a collector that takes them, refuses them, or hangs. */
import { afterEach, expect, test } from "bun:test";
import { systemClock } from "../../src/core/ports/clock.ts";
import type { Span } from "../../src/core/ports/span_sink.ts";
import { OtlpSpans } from "../../src/telemetry/otlp_spans.ts";
import { until } from "../e2e/harness.ts";

const servers: { stop(force: boolean): unknown }[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop(true))));

/** Starts sending to a collector that answers with `answer`. */
function start(answer: (request: Request) => Response | Promise<Response>) {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
  servers.push(server);
  const lines: string[] = [];
  const log = (level: string, text: string) => void lines.push(`${level} ${text}`);
  const endpoint = `http://127.0.0.1:${server.port}`;
  const spans = new OtlpSpans({ endpoint, version: "0.1.0", clock: systemClock, log });
  return { spans, lines, host: `127.0.0.1:${server.port}` };
}

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const span = (name: string): Span => ({
  traceId,
  spanId: "00f067aa0ba902b7",
  name,
  kind: "internal",
  start: 1_700_000_000_123.456,
  end: 1_700_000_000_124,
  attributes: {},
});

const countOf = async (request: Request) =>
  // biome-ignore lint/suspicious/noExplicitAny: what OTLP has inside is looked at elsewhere
  ((await request.json()) as any).resourceSpans[0].scopeSpans[0].spans.length as number;

test("times are sent to the microsecond, and the last spans when it closes", async () => {
  let body = "";
  const { spans, lines } = start(async (request) => {
    body = await request.text();
    return Response.json({});
  });
  spans.add(span("last"));
  await spans.close(5000);
  const [sent] = JSON.parse(body).resourceSpans[0].scopeSpans[0].spans;
  expect(sent).toMatchObject({ traceId, name: "last", kind: 1 });
  expect(BigInt(sent.startTimeUnixNano) / 1000n).toBe(1_700_000_000_123_456n);
  expect(sent.endTimeUnixNano).toBe("1700000000124000000");
  expect(lines).toEqual([]);
});

test("a collector that refuses spans is told of once, with as much of its reason as fits a line", async () => {
  let isRefusing = true;
  let asked = 0;
  const { spans, lines, host } = start(() => {
    asked++;
    return isRefusing
      ? new Response("\u001b[31m".repeat(100_000), { status: 400, statusText: "Bad Request" })
      : Response.json({});
  });
  for (const many of [1, 2, 3]) {
    spans.add(span("refused"));
    await until("the collector to be asked again", () => asked >= many);
  }
  await until("the line", () => lines.length > 0);
  isRefusing = false;
  spans.add(span("taken"));
  await until("the line that it takes them", () => lines.length > 1);
  expect(lines).toEqual([
    expect.stringMatching(
      new RegExp(`^warn Cannot send spans to ${host}: .*They are dropped until it takes them\\.$`),
    ),
    `info Spans are sent to ${host} again.`,
  ]);
  expect(lines.every((line) => line.length < 400 && !line.includes("\u001b"))).toBeTrue();
  await spans.close(1000);
});

test("what comes while a collector hangs is kept up to a bound, and closing waits no longer than it may", async () => {
  let taken = 0;
  let isHanging = true;
  const held: (() => void)[] = [];
  const { spans } = start(async (request) => {
    const count = await countOf(request);
    if (isHanging) await new Promise<void>((resolve) => held.push(resolve));
    taken += count;
    return Response.json({});
  });
  for (let i = 0; i < 20_000; i++) spans.add(span("many"));
  await until("the collector to be asked", () => held.length > 0);
  isHanging = false;
  for (const release of held) release();
  await spans.close(10_000);
  expect(taken).toBeGreaterThan(0);
  // What waits, and what is on its way.
  expect(taken).toBeLessThanOrEqual(2048 + 2 * 512);

  const stuck = start(() => new Promise<Response>(() => {}));
  stuck.spans.add(span("stuck"));
  const start_ = performance.now();
  await stuck.spans.close(200);
  expect(performance.now() - start_).toBeGreaterThanOrEqual(150);
});
