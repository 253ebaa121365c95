/** What a client sends is followed from its frame to what comes of it, in the log and at a collector. */
import { afterAll, expect, test } from "bun:test";
import { Collector, type CollectedSpan } from "./collector.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime, onEachRuntimeAndExecutable } from "./runtimes.ts";

const collectors: Collector[] = [];

afterAll(() => Promise.all(collectors.map((each) => each.stop())));

function startCollector(): Collector {
  const collector = new Collector();
  collectors.push(collector);
  return collector;
}

const SECRETS = {
  config: "c0nfig-0f-the-hall",
  env: "env1ronment-0f-the-hall",
  data: "what-ann-has-said",
  query: "key-in-a-query",
  header: "api-key=f0r-the-c0llector",
};

const files = {
  "hall/hotroom.json": JSON.stringify({ rooms: "join", config: { key: SECRETS.config }, env: ["HALL_KEY"] }),
  "hall/app.ts": `import { defineApplication } from "hotroom";
    export default defineApplication({
      emits: { counted: (app, { count }) => console.log("counted", count) },
      events: { request: (app, { path }) => ({ path }) },
    });`,
  "hall/rooms/hall.ts": `import { defineRoom, relay } from "hotroom";
    export default defineRoom({
      durable: true,
      state: () => ({ count: 0 }),
      messages: {
        cursor: relay(),
        say(room, user, words) {
          console.log("said");
          room.broadcast("said", words);
          room.application.emit("counted", { count: ++room.state.count });
          return room.application.config.key.length + room.application.env.HALL_KEY.length;
        },
        fail() { console.warn("about to fail"); throw new Error("it fails"); },
      },
    });`,
};

// biome-ignore lint/suspicious/noExplicitAny: a line is whatever was written
type Line = any;

/** The lines of the log, each an object. */
function linesOf(server: TestServer): Line[] {
  return server
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

const startsAt = (span: CollectedSpan | undefined) => BigInt(span?.startTimeUnixNano ?? 0);
const endsAt = (span: CollectedSpan | undefined) => BigInt(span?.endTimeUnixNano ?? 0);

onEachRuntimeAndExecutable("what is followed", (runtime) => {
  test("has one id from the frame through queue, script and gate to all that comes of it", async () => {
    const collector = startCollector();
    const server = await startServer({
      runtime,
      files,
      args: ["--log-format", "json", "--trace-sample", "1", "--otlp-endpoint", `${collector.url}/`],
      env: {
        HALL_KEY: SECRETS.env,
        OTEL_EXPORTER_OTLP_HEADERS: SECRETS.header,
        OTEL_SERVICE_NAME: "our rooms",
      },
    });
    const ann = await server.user("hall", "ann", "hall");
    const length = SECRETS.config.length + SECRETS.env.length;
    expect(await ann.ask("hall", "say", SECRETS.data)).toBe(length);
    expect(await ann.fails({ event: "message", room: "hall", type: "fail" })).toMatchObject({
      code: "handler_failed",
    });
    expect(await ann.fails({ event: "leave", room: "nowhere" })).toMatchObject({ code: "room_not_found" });
    await ann.ok({ event: "message", room: "hall", type: "cursor", data: SECRETS.data });
    const parent = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
    const traceparent = `00-${parent.traceId}-${parent.spanId}-01`;
    const asked = `${server.url}/apps/hall/made?key=${SECRETS.query}`;
    expect(await (await fetch(asked, { headers: { traceparent } })).json()).toEqual({ path: "/made" });

    const emitted = { type: "counted", data: { count: 7 } };
    const called = { traceId: "5bf92f3577b34da6a3ce929d0e0e4736", spanId: parent.spanId };
    const answer = await fetch(`${server.url}/api/applications/hall/call`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        traceparent: `00-${called.traceId}-${called.spanId}-01`,
      },
      body: JSON.stringify(emitted),
    });
    expect(answer.status).toBe(200);

    const came = await until("the frame's line", () =>
      linesOf(server).find(({ message }) => message === 'message "say" came in a frame.'),
    );
    expect(came).toMatchObject({
      level: "info",
      application: "hall",
      room: "hall",
      user: "u1",
      event: "message",
    });
    expect(came.connection).toMatch(/^c\d+$/);
    const own = () => linesOf(server).filter(({ trace_id }) => trace_id === came.trace_id);
    await until("all of its lines", () => own().length >= 8);
    const room = own().filter(({ room }) => room === "hall");
    expect(room.map(({ message }) => message)).toEqual([
      'message "say" came in a frame.',
      'message "say" goes to script host 1.',
      'message "say" is saved.',
      "said",
      'message "say" is carried out: broadcast "said", emit "counted".',
    ]);
    expect(new Set(room.map(({ span_id }) => span_id)).size).toBe(1);
    const [, goes, saved, , done] = room;
    expect([done.queue_ms, done.gate_ms]).toEqual([goes.queue_ms, saved.gate_ms]);
    for (const stage of ["queue_ms", "script_ms", "gate_ms", "delivery_ms", "cpu_ms"])
      expect([stage, done[stage] >= 0]).toEqual([stage, true]);
    expect(done.cpu_ms).toBeLessThanOrEqual(done.script_ms + 1);
    const counted = own().filter(({ room }) => room === undefined);
    expect(counted.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^emit "counted" goes to script host \d\.$/),
      "counted 1",
      'emit "counted" is carried out: nothing was asked for.',
    ]);
    expect(new Set(counted.map(({ span_id }) => span_id)).size).toBe(1);

    const failed = linesOf(server).find(({ message }) =>
      /^The handler of message "fail" failed/.test(message),
    );
    const warned = linesOf(server).find(({ message }) => message === "about to fail");
    expect(failed.trace_id).toBe(warned.trace_id);
    expect(failed.trace_id).not.toBe(came.trace_id);
    expect(
      linesOf(server).find(({ message }) => message === "leave is refused: room_not_found."),
    ).toBeTruthy();

    const passed = linesOf(server).find(({ message }) => message === 'message "cursor" is passed on.');
    await until("the span of what was passed on", () => collector.of(passed?.trace_id).size > 0);
    await until("the spans of all three", () =>
      [came.trace_id, failed.trace_id, parent.traceId, called.traceId].every((id) =>
        collector.of(id).has("delivery"),
      ),
    );
    const spans = collector.of(came.trace_id);
    const event = spans.get('message "say"');
    expect(event).toMatchObject({ spanId: done.span_id, kind: 2 });
    expect(event?.parentSpanId).toBeFalsy();
    expect(event?.attributes.map(({ key, value }) => [key, value.stringValue])).toEqual([
      ["hotroom.application", "hall"],
      ["hotroom.room", "hall"],
      ["hotroom.event", "message"],
      ["hotroom.type", "say"],
    ]);
    const parts = collector.spans.filter(({ parentSpanId }) => parentSpanId === event?.spanId);
    expect(parts.map(({ name }) => name).sort()).toEqual(
      ['emit "counted"', "delivery", "frame", "gate", "queue", "script"].sort(),
    );
    const stages = ["frame", "queue", "script", "gate", "delivery"].map((name) =>
      parts.find((part) => part.name === name),
    );
    expect(startsAt(stages[0])).toBe(startsAt(event));
    expect(endsAt(stages.at(-1))).toBe(endsAt(event));
    for (const [at, stage] of stages.slice(1).entries()) expect(startsAt(stage)).toBe(endsAt(stages[at]));
    expect(collector.of(failed.trace_id).get('message "fail"')?.status).toEqual({
      code: 2,
      message: "handler_failed",
    });
    expect(collector.of(parent.traceId).get("request")?.parentSpanId).toBe(parent.spanId);
    expect(collector.of(called.traceId).get('emit "counted"')?.parentSpanId).toBe(called.spanId);
    const ofCall = linesOf(server).filter(({ trace_id }) => trace_id === called.traceId);
    expect(ofCall.map(({ message }) => message)).toEqual([
      "API call came by HTTP.",
      expect.stringMatching(/^emit "counted" goes to script host \d\.$/),
      "counted 7",
      'emit "counted" is carried out: nothing was asked for.',
    ]);
    expect(collector.resource).toMatchObject({ "service.name": "our rooms" });
    expect(collector.headers[0]?.get("api-key")).toBe("f0r-the-c0llector");

    const { session } = await (await server.connect("hall")).ok({ event: "login", data: { name: "bob" } });
    await server.stop();
    const told = server.output() + JSON.stringify(collector.spans);
    for (const secret of [...Object.values(SECRETS), "f0r-the-c0llector", session])
      expect(told).not.toContain(secret);
  });
});

onEachRuntime("a collector", (runtime) => {
  test("that hangs is told of once, keeps nobody waiting, and gets what comes when it is back", async () => {
    const collector = startCollector();
    collector.hangs = true;
    const server = await startServer({
      runtime,
      files: {
        "echo.ts": `import { defineRoom } from "hotroom";
          export default defineRoom({ messages: { echo: (room, user, data) => data } });`,
      },
      args: ["--trace-sample", "1", "--otlp-endpoint", collector.url],
    });
    const ann = await server.user("echo", "ann", "hall");
    for (let i = 0; i < 10; i++) expect(await ann.ask("hall", "echo", i)).toBe(i);
    await server.logged(
      /WARN +Cannot send spans to 127\.0\.0\.1:\d+: .*\. They are dropped until it takes them\./,
    );
    expect(collector.hanging).toBeGreaterThan(0);
    expect(await ann.ask("hall", "echo", "still")).toBe("still");
    collector.hangs = false;
    await server.logged(/INFO +Spans are sent to 127\.0\.0\.1:\d+ again\./);
    expect(collector.spans.length).toBeGreaterThan(0);
    expect(server.output().match(/Cannot send spans/g)).toHaveLength(1);
    collector.hangs = true;
    expect(await ann.ask("hall", "echo", "more")).toBe("more");
    await server.stop();
    expect(server.output()).toMatch(/Stopped after \d+ ms/);
  });
});
