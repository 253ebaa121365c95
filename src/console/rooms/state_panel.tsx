import { attempt } from "../parts/problem.tsx";
import { type Path, Tree } from "../parts/tree/tree.tsx";
import { bytes, clock } from "../parts/words.ts";
import { may } from "../server/scopes.ts";
import type { LiveRoom } from "./live_room.ts";
import type { Timeline } from "./timeline.ts";

/** The state as it is, live, where a value can be edited by a click; or as it was after an event of the timeline. */
export function StatePanel({ live, timeline }: { live: LiveRoom; timeline: Timeline }) {
  const then = timeline.chosen.value;
  const edit = (path: Path, next: unknown) => attempt(() => live.editState(path, next));
  const { value, bytes: size, problem } = live.state.value;
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
      {then ? (
        timeline.stateThen.value === undefined ? (
          <p class="faint">…</p>
        ) : (
          <div class="tree" data-state="then">
            <Tree value={timeline.stateThen.value} />
          </div>
        )
      ) : problem ? (
        <p class="wrong">{problem}</p>
      ) : value === undefined ? (
        <p class="faint">This room keeps no state.</p>
      ) : (
        <div class="tree" data-state="now">
          <Tree value={value} edit={may("edit") && !live.isGone.value ? edit : undefined} />
        </div>
      )}
    </section>
  );
}
