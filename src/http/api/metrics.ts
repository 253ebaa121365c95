import type { StoreView } from "../../core/ports/journal_store.ts";
import { MOST_NAMED, OTHERS } from "../../core/trace/event_times.ts";
import type { ApplicationView, ServerView } from "../../core/view/server_view.ts";
import { type Metric, metric, MetricsText } from "./metrics_text.ts";

/** Numbers of one application, or of several together. */
type Numbers = Map<Metric, number>;

/**
 * What runs as numbers, in the text format of Prometheus. Applications have a label of their own up to a number of them, and are counted
 * together beyond: whoever writes them chooses how many there are.
 */
export class Metrics {
  /** Applications with a label of their own: a sample that changes its label would look like another one. */
  readonly #named = new Set<string>();

  constructor(private readonly view: ServerView) {}

  /** Returns the numbers of now. */
  text(): string {
    const { view } = this;
    const text = new MetricsText();
    for (const { id, restarts, scripts, state } of view.hosts()) {
      const host = { host: String(id) };
      text.add(restartsOf, restarts, host);
      text.add(scriptsOf, scripts, host);
      text.add(upOf, state === "dead" || state === "starting" ? 0 : 1, host);
    }
    const store = view.store();
    if (store) addStore(text, store);
    this.#addApplications(text, view.applications());
    for (const { application, queue, script, gate, delivery } of view.eventTimes()) {
      text.addTimes(queueOf, queue, { application });
      text.addTimes(scriptOf, script, { application });
      text.addTimes(gateOf, gate, { application });
      text.addTimes(deliveryOf, delivery, { application });
    }
    return text.toString();
  }

  #addApplications(text: MetricsText, applications: readonly ApplicationView[]): void {
    const names = new Set(applications.map(({ name }) => name));
    for (const name of this.#named) if (!names.has(name)) this.#named.delete(name);
    const others: Numbers = new Map();
    const failuresOfOthers = new Map<string, number>();
    for (const found of applications) {
      if (this.#named.size < MOST_NAMED) this.#named.add(found.name);
      const isNamed = this.#named.has(found.name);
      const application = { application: found.name };
      for (const [each, value] of numbersOf(found))
        if (isNamed) text.add(each, value, application);
        else others.set(each, (others.get(each) ?? 0) + value);
      for (const [reason, count] of Object.entries(found.usage?.failures ?? {}))
        if (isNamed) text.add(failuresOf, count, { ...application, reason });
        else failuresOfOthers.set(reason, (failuresOfOthers.get(reason) ?? 0) + count);
    }
    for (const [each, value] of others) text.add(each, value, { application: OTHERS });
    for (const [reason, count] of failuresOfOthers)
      text.add(failuresOf, count, { application: OTHERS, reason });
  }
}

function* numbersOf(found: ApplicationView): Iterable<[metric: Metric, value: number]> {
  yield [runningOf, found.status === "running" ? 1 : 0];
  yield [connectionsOf, found.connectionCount];
  yield [usersOf, found.userCount];
  yield [roomsOf, found.roomCount];
  yield [fetchesOf, found.fetches ?? 0];
  yield [memoryOf, found.sandboxes?.memory ?? 0];
  const { usage } = found;
  if (!usage) return;
  yield [cpuOf, Math.round(usage.cpu * 1000) / 1e6];
  yield [deliveredOf, Math.round((usage.delivery ?? 0) * 1000) / 1e6];
  yield [eventsOf, usage.events];
  yield [effectsOf, usage.effects];
  yield [bytesOf, usage.bytes];
  yield [linesOf, usage.logLinesDropped];
}

function addStore(text: MetricsText, store: StoreView): void {
  text.add(storeUpOf, store.problem === undefined ? 1 : 0, {});
  text.add(storeBytesOf, store.bytes, {});
  text.add(storeWaitingOf, store.waiting, {});
  text.add(storeLagOf, Math.round(store.lag * 1000) / 1e6, {});
  text.add(storeCommitsOf, store.commits, {});
  text.add(storeFailuresOf, store.failures, {});
}

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
const deliveredOf = metric(
  "delivery_seconds_total",
  "counter",
  "Time of the server for what the application's events asked for.",
);
const eventsOf = metric("events_total", "counter", "Events that the application's scripts were given.");
const effectsOf = metric("effects_total", "counter", "Things that handlers asked for.");
const bytesOf = metric("output_characters_total", "counter", "Characters that handlers sent and returned.");
const linesOf = metric("log_lines_dropped_total", "counter", "Log lines beyond limits.logRate.");
const failuresOf = metric("failures_total", "counter", "Events that failed, by limit or code.");

const queueOf = metric("event_queue_seconds", "histogram", "How long events waited for a script host.");
const scriptOf = metric(
  "event_script_seconds",
  "histogram",
  "How long events were on a script host, and on the way there and here.",
);
const gateOf = metric(
  "event_gate_seconds",
  "histogram",
  "How long answers of durable scripts waited to be saved.",
);
const deliveryOf = metric(
  "event_delivery_seconds",
  "histogram",
  "How long it took until all that events asked for was carried out.",
);

const storeUpOf = metric("store_up", "gauge", "Whether durable applications can be saved.");
const storeBytesOf = metric("store_bytes", "gauge", "Bytes of the data folder.");
const storeWaitingOf = metric("store_waiting_characters", "gauge", "Characters that wait to be committed.");
const storeLagOf = metric("store_lag_seconds", "gauge", "How long the last commit took.");
const storeCommitsOf = metric("store_commits_total", "counter", "Commits that were made.");
const storeFailuresOf = metric("store_failures_total", "counter", "Commits that could not be made.");
