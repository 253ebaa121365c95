import { useEffect } from "preact/hooks";
import { attempt, Empty } from "../parts/problem.tsx";
import { save } from "../parts/download.ts";
import { walkRows } from "../parts/row_keys.ts";
import { clock, counted, cut, inLine, span } from "../parts/words.ts";
import { editedFiles } from "../editor/drafts.ts";
import type { Edit } from "../parts/tree/tree_edits.ts";
import { may } from "../server/scopes.ts";
import { EventDetail } from "./event_detail.tsx";
import type { RoomEvent, Timeline } from "./timeline.ts";

/** Characters of data that a line shows. */
const LINE_LENGTH = 160;
/** How long after an event the list is read, ms: what comes close together is read at once. */
const SOON_MS = 200;

/** What has happened in a room: step back, see what each event came to, export it as a test. */
export function TimelinePanel({ timeline, events: heard }: { timeline: Timeline; events: number }) {
  useEffect(() => {
    // What is new is read while nobody looks at the past.
    const timer = setTimeout(() => timeline.load(), SOON_MS);
    return () => clearTimeout(timer);
  }, [timeline, heard]);
  const { listed, events, isBusy, isReplayed, problem, at, replay } = timeline;
  const list = events.value;
  const edited = Object.keys(editedFiles(timeline.application));
  return (
    <section class="panel timeline" aria-labelledby="timeline-title" aria-busy={isBusy.value}>
      <div class="panel-head">
        <h3 id="timeline-title">Timeline</h3>
        <span class="faint working" role="status">
          {timeline.doing.value}
        </span>
        <span class="end actions">
          <button
            type="button"
            class="small quiet"
            disabled={list.length === 0}
            aria-label="A step back"
            onClick={() => timeline.step(-1)}
          >
            ◂
          </button>
          <button
            type="button"
            class="small quiet"
            disabled={at.value === undefined}
            aria-label="A step on"
            onClick={() => timeline.step(1)}
          >
            ▸
          </button>
          <button
            type="button"
            class="small quiet"
            disabled={isBusy.value || !may("operate")}
            onClick={() => timeline.explain()}
          >
            Explain
          </button>
          <button
            type="button"
            class="small quiet"
            disabled={isBusy.value || !may("operate")}
            onClick={() => exportTest(timeline)}
          >
            Export as a test
          </button>
          {edited.length > 0 && (
            <button
              type="button"
              class="small quiet"
              disabled={isBusy.value || !may("edit")}
              title={edited.join(", ")}
              onClick={() => timeline.tryEdited(editedFiles(timeline.application))}
            >
              Replay with the edited code
            </button>
          )}
          {(isReplayed.value || replay.value) && (
            <button type="button" class="small quiet" onClick={() => timeline.goLive()}>
              Live
            </button>
          )}
        </span>
      </div>
      {problem.value && (
        <p class="wrong" role="alert">
          {problem.value}
        </p>
      )}
      {replay.value && <ReplaySummary timeline={timeline} />}
      {list.length === 0 ? (
        !isBusy.value && (
          <Empty title="Nothing has happened since the room's last snapshot.">
            <p>
              Each event that the script hears stands here. Choose one to see the state as it was after it.
            </p>
          </Empty>
        )
      ) : (
        <ol class="events" aria-label="Events">
          {list.toReversed().map((event) => (
            <Line
              key={event.seq}
              event={event}
              isChosen={event.seq === at.value}
              choose={() => timeline.goTo(event.seq === at.value ? undefined : event.seq)}
            />
          ))}
        </ol>
      )}
      {listed.value?.cut !== undefined && listed.value.cut !== 0 && (
        <p class="faint">
          {typeof listed.value.cut === "string"
            ? listed.value.cut
            : `${listed.value.cut.toLocaleString("en")} older ones are not shown.`}
        </p>
      )}
      {listed.value?.since === "snapshot" && <p class="faint">What was before is folded into a snapshot.</p>}
    </section>
  );
}

function exportTest(timeline: Timeline) {
  // By this name `hotroom test` finds it beside the script of an application in one file, too.
  return attempt(async () => save(`${timeline.application}.test.ts`, await timeline.exported()));
}

function ReplaySummary({ timeline: { replay } }: { timeline: Timeline }) {
  const { events = [], differences = [], differenceCount = 0, cut: cutShort } = replay.value ?? {};
  const other = events.filter(({ differs }) => (differs?.length ?? 0) > 0).length;
  return (
    <div class="replayed" role="status">
      <p>
        <strong>With the edited code:</strong>{" "}
        {other === 0
          ? "every event comes to the same"
          : `${other} of ${events.length} events come to something else`}
        ,{" "}
        {differenceCount === 0
          ? "and so does the state."
          : `the state differs in ${counted(differenceCount, "place")}.`}
      </p>
      {differences.slice(0, 10).map(({ path, before, after }, index) => (
        <p key={index} class="difference">
          <code>{cut(path, 100)}</code> <del>{inLine(before, 100)}</del> <ins>{inLine(after, 100)}</ins>
        </p>
      ))}
      {cutShort && <p class="faint">{cut(cutShort, 300)}</p>}
    </div>
  );
}

function Line({ event, isChosen, choose }: { event: RoomEvent; isChosen: boolean; choose: () => void }) {
  const { seq, time, user, dataUnits, status, cpu, failure, differs } = event;
  const bad = failure !== undefined || status === "failed" || (differs?.length ?? 0) > 0;
  return (
    <li class={`event ${isChosen ? "chosen" : ""}`}>
      <button type="button" class="line" aria-expanded={isChosen} onClick={choose} onKeyDown={walkRows}>
        <span class="seq">{seq}</span>
        <time class="faint">{clock(time)}</time>
        <span class={`kind ${bad ? "wrong" : ""}`}>{wordsOf(event)}</span>
        {user && <span class="who cut">{user.name}</span>}
        <span class="text cut">
          {dataUnits === undefined ? shownData(event) : `${dataUnits.toLocaleString("en")} characters`}
        </span>
        {status !== undefined && status !== "ok" && (
          <span class={status === "failed" ? "wrong" : "faint"}>{status.replaceAll("_", " ")}</span>
        )}
        {cpu !== undefined && <span class="number faint">{span(cpu)}</span>}
        {differs && differs.length > 0 && <span class="wrong">≠ {differs.join(", ")}</span>}
      </button>
      {isChosen && <EventDetail event={event} />}
    </li>
  );
}

/** What an event is, in a word or two. */
function wordsOf({ kind, type, data }: RoomEvent): string {
  const edit = kind === "edit" ? editIn(data) : undefined;
  if (edit) return edit.value === undefined ? "take out" : edit.insert ? "insert" : "put";
  return type === undefined ? kind : kind === "message" ? type : `${kind} ${type}`;
}

/** What it brought: of an edit of the state the place, and what is put there. */
function shownData({ kind, data }: RoomEvent): string {
  const edit = kind === "edit" ? editIn(data) : undefined;
  if (!edit) return inLine(data, LINE_LENGTH);
  const place = cut(edit.path.join(".") || "the state", LINE_LENGTH);
  return edit.value === undefined ? place : `${place}: ${inLine(edit.value, LINE_LENGTH)}`;
}

function editIn(data: unknown): Edit | undefined {
  return Array.isArray((data as Edit | undefined)?.path) ? (data as Edit) : undefined;
}
