import { StateTree } from "../parts/tree/state_tree.tsx";
import { Tree } from "../parts/tree/tree.tsx";
import { bytes, clock } from "../parts/words.ts";
import { may } from "../server/scopes.ts";
import type { LiveRoom } from "./live_room.ts";
import type { Timeline } from "./timeline.ts";

/** The state as it is, live, where it can be edited; or as it was after an event of the timeline. */
export function StatePanel({ live, timeline }: { live: LiveRoom; timeline: Timeline }) {
  const then = timeline.chosen.value;
  const { state, isGone } = live;
  const { bytes: size } = state.read.value;
  return (
    <section class="panel" aria-labelledby="state-title">
      <div class="panel-head">
        <h3 id="state-title">State</h3>
        <span class="faint end">
          {then ? `after #${then.seq}, ${clock(then.time)}` : size === undefined ? "" : bytes(size)}
        </span>
        {then && (
          <button type="button" class="small quiet" onClick={() => timeline.goTo(undefined)}>
            Back to now
          </button>
        )}
      </div>
      {!then ? (
        <StateTree
          read={state.read.value}
          owner="room"
          editor={may("edit") && !isGone.value ? state : undefined}
        />
      ) : timeline.stateThen.value === undefined ? (
        <p class="faint">…</p>
      ) : (
        <div class="tree" data-state="then">
          <Tree value={timeline.stateThen.value} />
        </div>
      )}
    </section>
  );
}
