import type { LineQuery, RecentLines } from "../../core/view/recent_lines.ts";
import type { Look } from "./live_event.ts";

/** Returns what looks at the log from behind the line `known` on. */
export function logLook(recent: RecentLines, known: number, query: LineQuery): Look {
  let from = known;
  return () => {
    const { lines, dropped, last } = recent.after(from, query);
    from = last;
    return lines.length > 0 ? [{ event: "logs", data: { lines, ...(dropped > 0 && { dropped }) } }] : [];
  };
}
