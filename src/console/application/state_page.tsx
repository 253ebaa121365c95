import { useEffect, useMemo } from "preact/hooks";
import { Empty } from "../parts/problem.tsx";
import { StateTree } from "../parts/tree/state_tree.tsx";
import { bytes } from "../parts/words.ts";
import { api } from "../server/ask.ts";
import { LiveState } from "../server/live_state.ts";
import type { ApplicationOverview } from "../server/overview.ts";
import { may } from "../server/scopes.ts";

/** Between two looks, ms. */
const INTERVAL_MS = 2000;

/** The state of the application's own script, live, where it can be edited as that of a room. */
export function StatePage({ application: { name, version } }: { application: ApplicationOverview }) {
  const state = useMemo(() => new LiveState(api(name, "state")), [name]);
  // Where there is no script, the next version may have one.
  useEffect(() => {
    state.look();
    const timer = setInterval(() => state.read.value.code !== "no_handler" && state.look(), INTERVAL_MS);
    return () => clearInterval(timer);
  }, [state, version]);
  const { bytes: size, code } = state.read.value;
  if (code === "no_handler")
    return (
      <Empty title="This application has no script of its own.">
        <p>
          What it decides as a whole, and keeps beside its rooms, would be in <code>app.ts</code>.
        </p>
      </Empty>
    );
  return (
    <section class="panel" aria-labelledby="state-title">
      <div class="panel-head">
        <h3 id="state-title">State of app.ts</h3>
        {size !== undefined && <span class="faint end">{bytes(size)}</span>}
      </div>
      <StateTree read={state.read.value} owner="application" editor={may("edit") ? state : undefined} />
    </section>
  );
}
