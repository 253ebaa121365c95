import type { EditFeed } from "../../core/edit/edit_feed.ts";
import type { Look } from "./live_event.ts";

/** Returns what looks at the feed of edits from behind the step `known` on; of all applications, or of one. */
export function feedLook(feed: EditFeed, known: number, application?: string): Look {
  // A number that is not given yet is from before the server was started again.
  let last = known > feed.last ? 0 : known;
  return () => {
    const entries = feed.after(last, application);
    last = feed.last;
    return entries.length > 0 ? [{ event: "feed", data: { entries } }] : [];
  };
}
