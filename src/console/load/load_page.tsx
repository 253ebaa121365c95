import { useSignal } from "@preact/signals";
import type { LoadPoint } from "../../core/view/load_history.ts";
import { Empty } from "../parts/problem.tsx";
import { bytes } from "../parts/words.ts";
import { api, ask } from "../server/ask.ts";
import { useLooks } from "../server/looks.ts";
import type { ApplicationOverview } from "../server/overview.ts";
import { Chart } from "./chart.tsx";
import { HandlerTable } from "./handler_table.tsx";

/** Between two looks, ms: as often as a point is made. */
const INTERVAL_MS = 5000;

interface Metrics {
  /** Length of an interval, ms. */
  readonly every: number;
  readonly points: readonly LoadPoint[];
}

/** The charts: what each shows, by a point and the length of its interval in ms. */
const charts: readonly {
  readonly title: string;
  readonly value: (point: LoadPoint, every: number) => number;
  readonly text: (value: number) => string;
}[] = [
  {
    title: "CPU",
    value: ({ cpu }, every) => (100 * cpu) / every,
    text: (value) => `${short(value)} %`,
  },
  { title: "Events a second", value: ({ events }, every) => (1000 * events) / every, text: short },
  { title: "Failed a second", value: ({ failures }, every) => (1000 * failures) / every, text: short },
  { title: "Users", value: ({ users }) => users, text: short },
  { title: "Rooms", value: ({ rooms }) => rooms, text: short },
  { title: "Memory", value: ({ memory }) => memory, text: bytes },
];

/** One decimal, and below 1 two digits that count: a line that is not flat has no peak of 0. */
function short(value: number): string {
  const few = value < 1 ? Number(value.toPrecision(2)) : Math.round(value * 10) / 10;
  return few.toLocaleString("en", { maximumFractionDigits: 6 });
}

/** The last hour of an application, and what its handlers use. */
export function LoadPage({ application }: { application: ApplicationOverview }) {
  const { name } = application;
  const metrics = useSignal<Metrics | undefined>(undefined);
  const problem = useSignal("");
  useLooks(
    () => ask<Metrics>("GET", api(name, "load")),
    (found) => {
      metrics.value = found;
      problem.value = "";
    },
    INTERVAL_MS,
    [name],
    ({ message }) => {
      problem.value = message;
    },
  );
  const { points = [], every = INTERVAL_MS } = metrics.value ?? {};
  if (points.length === 0)
    return (
      <Empty title="No figures yet.">
        <p>{problem.value || "The first ones come within a few seconds; the last hour is kept."}</p>
      </Empty>
    );
  return (
    <div class="stack load">
      <section aria-label="The last hour" class="charts">
        {charts.map(({ title, value, text }) => (
          <Chart
            key={title}
            title={title}
            every={every}
            points={points.map((point) => ({ at: point.at, value: value(point, every) }))}
            text={text}
          />
        ))}
      </section>
      <HandlerTable application={application} />
    </div>
  );
}
