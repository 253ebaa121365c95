import { expect, test } from "bun:test";
import { createHttp } from "../../../src/http/app.ts";
import { AllEventTimes, MOST_NAMED, OTHERS } from "../../../src/core/trace/event_times.ts";
import { WrittenView } from "../view.ts";
import { readMetrics, numberOf } from "./prometheus.ts";

async function ask(view: WrittenView, path: string): Promise<string> {
  const response = await createHttp(view).fetch(new Request(`http://localhost${path}`), {
    remote: "127.0.0.1",
  });
  expect(response.status).toBe(200);
  return response.text();
}

test("what is kept, and how long that takes, is in the API and in the metrics", async () => {
  const view = new WrittenView();
  view.kept = {
    folder: "/data",
    bytes: 8192,
    waiting: 70,
    lag: 2.5,
    commits: 12,
    failures: 3,
    problem: "the disk is full",
  };
  expect(JSON.parse(await ask(view, "/api/applications")).server.store).toEqual(view.kept);
  const metrics = await ask(view, "/api/metrics");
  const lines = metrics.split("\n").filter((line) => line.startsWith("hotroom_store"));
  expect(lines).toEqual([
    "hotroom_store_up 0",
    "hotroom_store_bytes 8192",
    "hotroom_store_waiting_characters 70",
    "hotroom_store_lag_seconds 0.0025",
    "hotroom_store_commits_total 12",
    "hotroom_store_failures_total 3",
  ]);
  const { problem: _, ...well } = view.kept;
  view.kept = well;
  expect(await ask(view, "/api/metrics")).toContain("\nhotroom_store_up 1\n");
});

test("where nothing is durable, nothing is said of a store", async () => {
  const view = new WrittenView();
  expect(JSON.parse(await ask(view, "/api/applications")).server).not.toHaveProperty("store");
  expect(await ask(view, "/api/metrics")).not.toContain("store");
});

const moments = { acceptedAt: 1, handedAt: 1.2, answeredAt: 3, savedAt: 0 };

test("the text is as the format says, whatever names hold", async () => {
  const usage = { cpu: 1234.5678, events: 3, effects: 4, bytes: 5, failures: { cpu: 2 }, logLinesDropped: 1 };
  const view = new WrittenView("ready", [
    { name: 'a"\\\n', usage },
    { name: "chat", usage },
  ]);
  const times = new AllEventTimes();
  for (const name of ["chat", 'a"\\\n']) {
    const own = times.open(name);
    own.add(moments, 3.5);
    own.add({ ...moments, savedAt: 20_003 }, 20_003);
  }
  view.times = times.view();
  const { samples } = readMetrics(await ask(view, "/api/metrics"));
  for (const application of ["chat", 'a"\\\n']) {
    expect(numberOf(samples, "hotroom_cpu_seconds_total", { application })).toBe(1.234568);
    expect(numberOf(samples, "hotroom_failures_total", { application, reason: "cpu" })).toBe(2);
    const buckets = (stage: string, le: string) =>
      numberOf(samples, `hotroom_event_${stage}_seconds_bucket`, { application, le });
    expect([buckets("queue", "0.0001"), buckets("queue", "0.00025"), buckets("queue", "+Inf")]).toEqual([
      0, 2, 2,
    ]);
    expect([buckets("gate", "10"), buckets("gate", "+Inf")]).toEqual([0, 1]);
    expect(numberOf(samples, "hotroom_event_gate_seconds_sum", { application })).toBe(20);
    expect(numberOf(samples, "hotroom_event_delivery_seconds_sum", { application })).toBe(0.0005);
  }
});

test("of three hundred applications one hundred have labels, and the others count together", async () => {
  const usage = { cpu: 1000, events: 2, effects: 0, bytes: 0, failures: { cpu: 1 }, logLinesDropped: 0 };
  const names = Array.from({ length: 300 }, (_, i) => `app${i}`);
  const view = new WrittenView(
    "ready",
    names.map((name) => ({ name, usage, userCount: 3 })),
  );
  const times = new AllEventTimes();
  for (const name of names) times.open(name).add(moments, 4);
  view.times = times.view();
  const text = await ask(view, "/api/metrics");
  const { samples } = readMetrics(text);
  const labels = new Set(samples.flatMap(({ labels }) => labels.application ?? []));
  expect([labels.size, labels.has(OTHERS)]).toEqual([MOST_NAMED + 1, true]);
  const others = (name: string) => numberOf(samples, name, { application: OTHERS });
  expect([others("hotroom_users"), others("hotroom_events_total"), others("hotroom_failures_total")]).toEqual(
    [600, 400, 200],
  );
  expect(others("hotroom_event_queue_seconds_count")).toBe(200);
  expect(text.length).toBeLessThan(1024 * 1024);
});

test("an application keeps its label, and one that is gone leaves it to another", async () => {
  const names = Array.from({ length: MOST_NAMED + 1 }, (_, i) => ({ name: `m${i}` }));
  const view = new WrittenView("ready", [...names]);
  const app = createHttp(view);
  const labels = async () => {
    const answer = await app.fetch(new Request("http://localhost/api/metrics"), { remote: "127.0.0.1" });
    const { samples } = readMetrics(await answer.text());
    return new Set(samples.flatMap(({ labels }) => labels.application ?? []));
  };
  const before = await labels();
  view.running.unshift({ name: "a" });
  expect(await labels()).toEqual(before);
  view.running.splice(1, 1);
  const after = await labels();
  expect([after.has("m0"), after.has("a"), after.size]).toEqual([false, true, MOST_NAMED + 1]);
});
