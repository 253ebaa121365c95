import type { StoreView } from "../../core/ports/journal_store.ts";
import type { ServerView } from "../../core/view/server_view.ts";

interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
}

/** What runs as numbers, in the text format of Prometheus (version 0.0.4). */
export function metricsOf(view: ServerView): string {
  const text = new MetricsText();
  for (const { id, restarts, scripts, state } of view.hosts()) {
    const host = { host: String(id) };
    text.add(restartsOf, restarts, host);
    text.add(scriptsOf, scripts, host);
    text.add(upOf, state === "dead" || state === "starting" ? 0 : 1, host);
  }
  const store = view.store();
  if (store) addStore(text, store);
  for (const found of view.applications()) {
    const application = { application: found.name };
    text.add(runningOf, found.status === "running" ? 1 : 0, application);
    text.add(connectionsOf, found.connectionCount, application);
    text.add(usersOf, found.userCount, application);
    text.add(roomsOf, found.roomCount, application);
    text.add(fetchesOf, found.fetches ?? 0, application);
    text.add(memoryOf, found.sandboxes?.memory ?? 0, application);
    const { usage } = found;
    if (!usage) continue;
    text.add(cpuOf, Math.round(usage.cpu * 1000) / 1e6, application);
    text.add(deliveryOf, Math.round((usage.delivery ?? 0) * 1000) / 1e6, application);
    text.add(eventsOf, usage.events, application);
    text.add(effectsOf, usage.effects, application);
    text.add(bytesOf, usage.bytes, application);
    text.add(linesOf, usage.logLinesDropped, application);
    for (const [reason, count] of Object.entries(usage.failures))
      text.add(failuresOf, count, { ...application, reason });
  }
  return text.toString();
}

function addStore(text: MetricsText, store: StoreView): void {
  text.add(storeUpOf, store.problem === undefined ? 1 : 0, {});
  text.add(storeBytesOf, store.bytes, {});
  text.add(storeWaitingOf, store.waiting, {});
  text.add(storeLagOf, Math.round(store.lag * 1000) / 1e6, {});
  text.add(storeCommitsOf, store.commits, {});
  text.add(storeFailuresOf, store.failures, {});
}

const metric = (name: string, type: Metric["type"], help: string): Metric => ({
  name: `hotroom_${name}`,
  type,
  help,
});
const restartsOf = metric("host_restarts_total", "counter", "Times that a script host was started again.");
const scriptsOf = metric("host_scripts", "gauge", "Rooms and extensions on a script host.");
const upOf = metric("host_up", "gauge", "Whether a script host is ready.");
const runningOf = metric("application_running", "gauge", "Whether a version of the application runs.");
const fetchesOf = metric("fetches", "gauge", "Requests to other servers that are under way or wait.");
const connectionsOf = metric("connections", "gauge", "Open connections.");
const usersOf = metric("users", "gauge", "Users who are logged in.");
const roomsOf = metric("rooms", "gauge", "Open rooms.");
const memoryOf = metric("sandbox_memory_bytes", "gauge", "Memory of the application's sandboxes.");
const cpuOf = metric("cpu_seconds_total", "counter", "CPU time of the application's events.");
const deliveryOf = metric(
  "delivery_seconds_total",
  "counter",
  "Time of the server for what the application's events asked for.",
);
const eventsOf = metric("events_total", "counter", "Events that the application's scripts were given.");
const effectsOf = metric("effects_total", "counter", "Things that handlers asked for.");
const bytesOf = metric("output_characters_total", "counter", "Characters that handlers sent and returned.");
const linesOf = metric("log_lines_dropped_total", "counter", "Log lines beyond limits.logRate.");
const failuresOf = metric("failures_total", "counter", "Events that failed, by limit or code.");

const storeUpOf = metric("store_up", "gauge", "Whether durable applications can be saved.");
const storeBytesOf = metric("store_bytes", "gauge", "Bytes of the data folder.");
const storeWaitingOf = metric("store_waiting_characters", "gauge", "Characters that wait to be committed.");
const storeLagOf = metric("store_lag_seconds", "gauge", "How long the last commit took.");
const storeCommitsOf = metric("store_commits_total", "counter", "Commits that were made.");
const storeFailuresOf = metric("store_failures_total", "counter", "Commits that could not be made.");

/** Collects samples by metric: the format wants those of one metric together. */
class MetricsText {
  readonly #samples = new Map<Metric, string[]>();

  add(metric: Metric, value: number, labels: Readonly<Record<string, string>>): void {
    const list = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
    const samples = this.#samples.get(metric) ?? [];
    samples.push(`${metric.name}${list.length > 0 ? `{${list.join(",")}}` : ""} ${value}\n`);
    this.#samples.set(metric, samples);
  }

  toString(): string {
    const parts = Array.from(
      this.#samples,
      ([{ name, type, help }, samples]) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join("")}`,
    );
    return parts.join("");
  }
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
