import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { clock, cut, inLine } from "../parts/words.ts";
import type { FrameLog, LoggedFrame } from "./frame_log.ts";

/** Characters of a frame that its line shows; more when it is opened. */
const LINE_LENGTH = 240;
const OPEN_LENGTH = 20_000;
/** Frames that are drawn. */
const DRAWN = 120;
/** How near its end a list counts as being there, px. */
const NEAR_END = 40;

/** The frames of a player, each with its number; it follows the newest unless somebody has scrolled up. */
export function FrameList({ log }: { log: FrameLog }) {
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const lines = log.lines.value;
  useLayoutEffect(() => {
    if (list.current && follows.current) list.current.scrollTop = list.current.scrollHeight;
  }, [lines]);
  const scrolled = ({
    currentTarget: { scrollTop, scrollHeight, clientHeight },
  }: {
    currentTarget: HTMLElement;
  }) => {
    follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
  };
  return (
    <div class="frames-box">
      <div class="row frames-head">
        <span class="faint">Frames{log.count > 0 && ` · ${log.count.toLocaleString("en")}`}</span>
        <button type="button" class="small quiet end" onClick={() => log.clear()}>
          Clear
        </button>
      </div>
      <div class="frames" ref={list} role="log" aria-label="Frames" onScroll={scrolled}>
        <ol>
          {lines.slice(-DRAWN).map((line) => (
            <Line key={line.id} line={line} />
          ))}
        </ol>
      </div>
    </div>
  );
}

function Line({ line: { direction, at, text, frame } }: { line: LoggedFrame }) {
  const isOpen = useSignal(false);
  const failed = frame?.ok === false || frame?.event === "error";
  if (direction === "note")
    return (
      <li class="note" title={clock(at)}>
        {text}
      </li>
    );
  const open = () => {
    // Whoever selects text does not open a line.
    if (getSelection()?.isCollapsed !== false) isOpen.value = !isOpen.value;
  };
  return (
    <li class={`${direction} ${failed ? "error" : ""}`} title={clock(at)}>
      <button type="button" class="line" aria-expanded={isOpen.value} onClick={open}>
        <span class="arrow" aria-hidden="true">
          {direction === "in" ? "←" : "→"}
        </span>
        <span class="unseen">{direction === "in" ? "received" : "sent"}</span>
        {typeof frame?.seq === "number" && <span class="seq">{frame.seq}</span>}
        <span class="text">
          {isOpen.value ? cut(pretty(frame, text), OPEN_LENGTH) : <Summary frame={frame} text={text} />}
        </span>
      </button>
    </li>
  );
}

/** A frame in short: what it is about, and its data. */
function Summary({ frame, text }: { frame: LoggedFrame["frame"]; text: string }) {
  if (frame === undefined) return cut(text, LINE_LENGTH);
  const { event, type, room, data, ok, error, user } = frame;
  const what = event === undefined ? (ok === true ? "ok" : "failed") : event === "message" ? type : event;
  return (
    <>
      <b>{cut(String(what), LINE_LENGTH)}</b>{" "}
      {room !== undefined && <span class="faint">{cut(String(room), LINE_LENGTH)} </span>}
      {inLine(error ?? data ?? user, LINE_LENGTH)}
    </>
  );
}

function pretty(frame: unknown, text: string): string {
  return frame === undefined ? text : JSON.stringify(frame, undefined, 2);
}
