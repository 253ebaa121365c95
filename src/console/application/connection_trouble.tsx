import type { ConnectionView } from "../../core/control/connection_control.ts";
import { attempt } from "../parts/problem.tsx";
import { bytes, span } from "../parts/words.ts";
import { api, ask } from "../server/ask.ts";
import { now } from "../server/overview.ts";
import { may } from "../server/scopes.ts";

/** What can be ordered by a click, ms; a delay holds for a minute. */
const FREEZES = [5000, 30_000];
const DELAYS = [0, 100, 500, 2000];

interface TroubleParts {
  readonly application: string;
  readonly connection: ConnectionView;
  /** Hears what has become of it. */
  readonly changed: (connection: ConnectionView) => void;
}

/** What a live connection can be put to: to be dropped, frozen, delayed as by a network. */
export function ConnectionTrouble({ application, connection: { id, trouble }, changed }: TroubleParts) {
  const path = api(application, "connections", id);
  const drop = () => attempt(() => ask("DELETE", path));
  const put = (wanted: { delay?: number; freeze?: number }) =>
    attempt(async () => changed(await ask<ConnectionView>("PATCH", path, wanted)));
  const delay = trouble?.delay ?? 0;
  const delays = DELAYS.includes(delay) ? DELAYS : [...DELAYS, delay];
  return (
    <fieldset class="row trouble-bar end" aria-label={`Trouble of ${id}`} disabled={!may("operate")}>
      <button
        type="button"
        class="small quiet"
        title="Loses the connection, as by a network"
        onClick={() => drop()}
      >
        Drop
      </button>
      {FREEZES.map((freeze) => (
        <button
          key={freeze}
          type="button"
          class="small quiet"
          title="Lets nothing through for so long; then all of it, in order"
          onClick={() => put({ freeze })}
        >
          Freeze {freeze / 1000} s
        </button>
      ))}
      <label
        class="inline small"
        title="Lets each frame take so much longer, in each direction, for a minute"
      >
        <span>Delay</span>
        <select value={delay} onChange={(event) => put({ delay: Number(event.currentTarget.value) })}>
          {delays.map((ms) => (
            <option key={ms} value={ms}>
              {ms === 0 ? "none" : `${ms} ms`}
            </option>
          ))}
        </select>
      </label>
      {trouble && (
        <button type="button" class="small quiet" onClick={() => put({ delay: 0, freeze: 0 })}>
          End it
        </button>
      )}
    </fieldset>
  );
}

/** How far the client has got what it was sent, and what keeps it from that for how long yet. */
export function Reach({ connection: { seq, seen, outbox, heard, trouble } }: { connection: ConnectionView }) {
  const lag = Math.max(0, seq - seen).toLocaleString("en");
  const left = (until: number) => span(Math.max(0, until - now.value));
  return (
    <>
      <span class="faint" title={heard === undefined ? undefined : `its last frame came ${span(heard)} ago`}>
        {`lag ${lag} · seq ${seq.toLocaleString("en")} · outbox ${bytes(outbox)}`}
        {trouble && ` · inbox ${bytes(trouble.inbox)}`}
      </span>
      {trouble?.frozenUntil !== undefined && (
        <strong class="wrong">frozen for {left(trouble.frozenUntil)}</strong>
      )}
      {trouble?.delayedUntil !== undefined && (
        <strong class="wrong">
          delayed by {trouble.delay} ms for {left(trouble.delayedUntil)}
        </strong>
      )}
    </>
  );
}
