import { useEffect } from "preact/hooks";
import { Empty } from "../parts/problem.tsx";
import type { ApplicationOverview } from "../server/overview.ts";
import { pageOf } from "../server/pages.ts";
import { definitions, askDefinition } from "./definition.ts";
import { PageCard } from "./page_card.tsx";
import { PlayerCard } from "./player_card.tsx";
import { addFrame, addPlayer, MOST_BESIDE, stageOf } from "./stage.ts";

/** Several users of an application side by side, and its own page beside them. */
export function PlayersPage({ application }: { application: ApplicationOverview }) {
  const { name, version } = application;
  const { players, frames, room } = stageOf(name);
  useEffect(() => {
    askDefinition(name);
  }, [name, version]);
  const page = pageOf(application);
  const isEmpty = players.value.length + frames.value.length === 0;
  const submit = (event: Event) => {
    event.preventDefault();
    addPlayer(name);
  };
  return (
    <section aria-label="Players">
      <form class="bar" onSubmit={submit}>
        <label class="field inline">
          <span>Room to join</span>
          <input
            list="room-names"
            value={room.value}
            placeholder="none"
            autocomplete="off"
            onInput={(event) => (room.value = event.currentTarget.value.trim())}
          />
        </label>
        <datalist id="room-names">
          {application.rooms.map((one) => (
            <option key={one.name} value={one.name} />
          ))}
        </datalist>
        <button type="submit" disabled={players.value.length >= MOST_BESIDE}>
          Add a player
        </button>
        {page && (
          <button type="button" class="quiet" onClick={() => addFrame(name)}>
            Add its page
          </button>
        )}
      </form>
      {isEmpty && (
        <Empty title="Nobody plays here yet.">
          <p>
            Each player is a user on a WebSocket of its own. Add two, let them join a room, and see what each
            of them sends and gets; lose or freeze the connection of one and see what it missed come back.
          </p>
        </Empty>
      )}
      <div class="players">
        {players.value.map((player) => (
          <PlayerCard key={player.id} player={player} definition={definitions.value.get(name)} />
        ))}
        {frames.value.map((frame) => (
          <PageCard key={frame.id} application={name} address={page ?? ""} frame={frame} />
        ))}
      </div>
    </section>
  );
}
