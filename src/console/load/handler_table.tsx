import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import type { HandlerView } from "../../core/trace/handler_times.ts";
import { span } from "../parts/words.ts";
import { api, ask } from "../server/ask.ts";
import { useLooks } from "../server/looks.ts";
import type { ApplicationOverview } from "../server/overview.ts";
import { eachOf, type HandlerRow, HandlerRows } from "./handler_rows.ts";

/** Between two looks, ms. */
const INTERVAL_MS = 2000;
/** Rows that are shown. */
const MOST_ROWS = 100;

/** What each handler of an application uses, those that use the most first, beside what it used before the last edit. */
export function HandlerTable({ application: { name, version } }: { application: ApplicationOverview }) {
  const rows = useSignal<readonly HandlerRow[]>([]);
  const seen = useMemo(() => new HandlerRows(), [name]);
  const live = useRef(version);
  live.current = version;
  useLooks(
    () => ask<{ handlers: HandlerView[] }>("GET", api(name, "handlers")),
    ({ handlers }) => {
      rows.value = seen.look(handlers, live.current, performance.now());
    },
    INTERVAL_MS,
    [name],
  );
  if (rows.value.length === 0) return null;
  return (
    <section aria-labelledby="handlers-title">
      <h2 id="handlers-title">Handlers</h2>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">Handler</th>
            <th scope="col">CPU</th>
            <th scope="col" class="wide">
              Events a second
            </th>
            <th scope="col">An event, before → now</th>
            <th scope="col" class="wide">
              Worst
            </th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody>
          {rows.value.slice(0, MOST_ROWS).map((row) => (
            <Row key={`${row.type} ${row.handler}`} row={row} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ row: { type, handler, load, rate, now, before } }: { row: HandlerRow }) {
  const [was, is] = [eachOf(before), eachOf(now)];
  const change = was === undefined || is === undefined ? "" : is > was ? "slower" : "faster";
  return (
    <tr data-handler={handler}>
      <th scope="row">
        {handler} <span class="faint">{type ?? "application"}</span>
      </th>
      <td>{load !== undefined && `${Math.round(load) / 10} %`}</td>
      <td class="wide">{rate !== undefined && (Math.round(rate * 10) / 10).toLocaleString("en")}</td>
      <td title={change}>
        <span class="faint">{micros(was)}</span> → {micros(is)}
      </td>
      <td class="wide">{now && span(now.worst)}</td>
      <td class={now && now.failures > 0 ? "wrong" : ""}>{now?.failures.toLocaleString("en")}</td>
    </tr>
  );
}

/** `12 µs`; `–` where there was no event. */
function micros(each: number | undefined): string {
  return each === undefined ? "–" : `${Math.round(each).toLocaleString("en")} µs`;
}
