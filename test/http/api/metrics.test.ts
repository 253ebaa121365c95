import { expect, test } from "bun:test";
import { createHttp } from "../../../src/http/app.ts";
import { WrittenView } from "../view.ts";

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
