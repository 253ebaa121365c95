import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { editorOf } from "../parts/address.ts";
import { Empty } from "../parts/problem.tsx";
import { clock, cut } from "../parts/words.ts";
import type { ApplicationOverview } from "../server/overview.ts";
import { type LogLine, LogLines } from "./log_lines.ts";

/** Characters of a line that are drawn. */
const LINE_LENGTH = 2000;
/** Lines that are drawn. */
const DRAWN = 400;
/** How near its end the list counts as being there, px. */
const NEAR_END = 40;

/** What an application has logged; a line leads to the place that has written it. */
export function LogsPage({ application: { name } }: { application: ApplicationOverview }) {
  const level = useSignal("debug");
  const search = useSignal("");
  const log = useMemo(() => new LogLines(name, level.value), [name, level.value]);
  useEffect(() => () => log.close(), [log]);
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const wanted = search.value.toLowerCase();
  const shown = log.lines.value
    .filter(({ text, room }) => text.toLowerCase().includes(wanted) || room?.toLowerCase().includes(wanted))
    .slice(-DRAWN);
  useLayoutEffect(() => {
    if (list.current && follows.current) list.current.scrollTop = list.current.scrollHeight;
  }, [shown.at(-1)]);
  return (
    <section aria-label="Logs">
      <div class="bar">
        <input
          type="search"
          aria-label="Filter lines by text or room"
          placeholder="Filter  /"
          value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
        <label class="inline">
          <span>From</span>
          <select value={level.value} onChange={(event) => (level.value = event.currentTarget.value)}>
            {["debug", "info", "warn", "error"].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {log.dropped.value > 0 && (
          <span class="wrong">{log.dropped.value.toLocaleString("en")} were left out</span>
        )}
        {log.problem.value && <span class="wrong">{log.problem.value}</span>}
      </div>
      {log.lines.value.length === 0 && (
        <Empty title="Nothing was logged yet.">
          <p>
            What scripts write with <code>console.log</code> stands here, and each error with its place.
          </p>
        </Empty>
      )}
      {log.lines.value.length > 0 && shown.length === 0 && <p class="hint">No line has that.</p>}
      <div
        class="log"
        ref={list}
        role="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has keys alone scrolls by them.
        tabIndex={0}
        aria-label="Lines"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
        }}
      >
        <ol>
          {shown.map((line) => (
            <Line key={`${line.id} ${line.at}`} application={name} line={line} />
          ))}
        </ol>
      </div>
    </section>
  );
}

function Line({
  application,
  line: { at, level, text, room, position },
}: {
  application: string;
  line: LogLine;
}) {
  return (
    <li class={`log-line ${level}`}>
      <time>{clock(at)}</time>
      <span class="level">{level}</span>
      {room !== undefined && <span class="faint">{cut(room, 40)}</span>}
      <span class="text">{cut(text, LINE_LENGTH)}</span>
      {position && (
        <a class="where" href={editorOf(application, position)}>
          {position.file}:{position.line}
        </a>
      )}
    </li>
  );
}
