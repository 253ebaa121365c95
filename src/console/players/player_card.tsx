import { useSignal } from "@preact/signals";
import type { MessagesView } from "../../core/view/server_view.ts";
import { now } from "../server/overview.ts";
import { FrameList } from "./frame_list.tsx";
import { tried } from "./forms/tried.ts";
import { JsonField } from "./forms/json_field.tsx";
import type { Player } from "./player.ts";
import { RoomForm } from "./forms/room_form.tsx";
import { SendForm } from "./forms/send_form.tsx";
import { logIn, removePlayer, stageOf } from "./stage.ts";

/** One player: who it is, where it is, what it sends, what went over its wire, and trouble to order. */
export function PlayerCard({ player, definition }: { player: Player; definition: MessagesView | undefined }) {
  const { name, state, isUser, problem, frozenUntil } = player;
  const frozen = frozenUntil.value > now.value || frozenUntil.value > Date.now();
  return (
    <article class="player" aria-label={`Player ${name.value}`}>
      <div class="player-head">
        <span class={`dot ${frozen ? "warn" : state.value === "online" ? "good" : "bad"}`} />
        <strong class="cut">{name.value || "nobody"}</strong>
        <span class="faint">{frozen ? "frozen" : isUser.value ? state.value : "not logged in"}</span>
        <button
          type="button"
          class="plain end"
          aria-label={`Remove ${name.value}`}
          onClick={() => removePlayer(player)}
        >
          ×
        </button>
      </div>
      {isUser.value ? (
        <>
          <RoomForm player={player} />
          <SendForm player={player} definition={definition} />
          <Trouble player={player} />
        </>
      ) : (
        <LoginForm player={player} />
      )}
      <p class="wrong" role="alert">
        {problem.value}
      </p>
      <FrameList log={player.log} />
    </article>
  );
}

function LoginForm({ player }: { player: Player }) {
  const text = useSignal(stageOf(player.application).login.value);
  const submit = (event: Event) => {
    event.preventDefault();
    tried(player, () => logIn(player, text.value));
  };
  return (
    <form class="stack" onSubmit={submit}>
      <label class="field">
        <span>Name</span>
        <input
          value={player.name.value}
          autocomplete="off"
          onInput={(event) => (player.name.value = event.currentTarget.value)}
        />
      </label>
      <JsonField label="Other login data" text={text} placeholder='{"token": "…"}' />
      <button type="submit">Log in</button>
    </form>
  );
}

function Trouble({ player }: { player: Player }) {
  return (
    <fieldset class="row trouble-bar" aria-label="Trouble">
      <button type="button" class="small quiet" onClick={() => player.drop()}>
        Drop
      </button>
      <button type="button" class="small quiet" onClick={() => player.freeze(5000)}>
        Freeze 5 s
      </button>
      <label class="inline small">
        <span>Delay</span>
        <select
          value={player.delay.value}
          onChange={(event) => player.slow(Number(event.currentTarget.value))}
        >
          {[0, 100, 500, 2000].map((ms) => (
            <option key={ms} value={ms}>
              {ms === 0 ? "none" : `${ms} ms`}
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}
