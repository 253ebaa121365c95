/** The board for Grafana asks for what there is. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AllEventTimes } from "../../src/core/trace/event_times.ts";
import { createHttp } from "../../src/http/app.ts";
import { readMetrics } from "../http/api/prometheus.ts";
import { WrittenView } from "../http/view.ts";

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const root = join(import.meta.dir, "../..");
const board = JSON.parse(readFileSync(join(root, "docs/grafana/hotroom.json"), "utf8"));
const panels: readonly Panel[] = board.panels;

/** What a server of which everything is known tells. */
async function told() {
  const usage = { cpu: 1, events: 1, effects: 1, bytes: 1, failures: { cpu: 1 }, logLinesDropped: 1 };
  const view = new WrittenView("ready", [{ name: "chat", usage }]);
  view.kept = { folder: "/data", bytes: 1, waiting: 1, lag: 1, commits: 1, failures: 1 };
  const times = new AllEventTimes();
  times.open("chat");
  view.times = times.view();
  const answer = await createHttp(view).fetch(new Request("http://localhost/api/metrics"), {
    remote: "127.0.0.1",
  });
  return readMetrics(await answer.text());
}

/** Metrics in a query, with the labels that it asks for. */
function asked(query: string): { name: string; labels: string[] }[] {
  return [...query.matchAll(/(hotroom_\w+)(?:\{([^}]*)\})?/g)].map(([, name = "", labels = ""]) => ({
    name,
    labels: [...labels.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = ""]) => label),
  }));
}

test("each query of the board names metrics and labels that there are, and every metric has a place on it", async () => {
  const { samples, types } = await told();
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  expect(queries.length).toBeGreaterThan(20);
  const shown = new Set<string>();
  for (const query of queries) {
    const metrics = asked(query);
    expect([query, metrics.length > 0]).toEqual([query, true]);
    for (const { name, labels } of metrics) {
      const own = samples.filter((sample) => sample.name === name);
      expect([name, own.length > 0]).toEqual([name, true]);
      for (const label of labels) expect([name, label in (own[0]?.labels ?? {})]).toEqual([name, true]);
      const isCount = types.get(name) === "counter" || /_(bucket|sum|count)$/.test(name);
      // A count says nothing but by how fast it grows.
      if (isCount) expect(query).toMatch(new RegExp(`(rate|increase)\\(${name}`));
      shown.add(name.replace(/_(bucket|sum|count)$/, ""));
    }
  }
  expect([...shown].sort()).toEqual([...types.keys()].sort());
});

test("panels have ids of their own, and do not lie on each other", () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const fields = new Set<string>();
  for (const { gridPos } of board.panels as { gridPos: { x: number; y: number; w: number; h: number } }[]) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(fields.has(`${x} ${y}`)).toBeFalse();
        fields.add(`${x} ${y}`);
      }
  }
});
