import { useSignal } from "@preact/signals";
import { JsonField } from "./json_field.tsx";
import type { Entered, Entry, Player } from "../player.ts";
import { tried } from "./tried.ts";

/** The rooms of a player, and how it comes into more. */
export function RoomForm({ player }: { player: Player }) {
  const room = useSignal("");
  const type = useSignal("");
  const data = useSignal("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const how = ((event.submitter as HTMLButtonElement | null)?.value ?? "join") as Entry["how"];
    tried(player, async () => {
      const given = data.value.trim() === "" ? {} : { data: JSON.parse(data.value) };
      await player.enter({ how, room: room.value.trim(), type: type.value.trim(), ...given });
    });
  };
  return (
    <form class="stack" onSubmit={submit}>
      <ul class="chips" aria-label={`Rooms of ${player.name.value}`}>
        {player.entered.value.map((entered) => (
          <RoomChip key={`${entered.room.name} ${entered.watching}`} player={player} entered={entered} />
        ))}
      </ul>
      <div class="row">
        <input
          class="grow"
          aria-label="Room"
          placeholder="room"
          list="room-names"
          required
          autocomplete="off"
          value={room.value}
          onInput={(event) => (room.value = event.currentTarget.value)}
        />
        <button type="submit" value="join" class="quiet">
          Join
        </button>
        <button type="submit" value="watch" class="quiet">
          Watch
        </button>
        <button type="submit" value="create" class="quiet">
          Create
        </button>
      </div>
      <details>
        <summary>Type and data</summary>
        <label class="field">
          <span>Type, to create</span>
          <input
            value={type.value}
            autocomplete="off"
            onInput={(event) => (type.value = event.currentTarget.value)}
          />
        </label>
        <JsonField label="Data" text={data} placeholder='{"password": "…"}' />
      </details>
    </form>
  );
}

/** Users that a chip names. */
const SHOWN_USERS = 5;

function RoomChip({ player, entered }: { player: Player; entered: Entered }) {
  const { room, watching } = entered;
  const names = room.users
    .slice(0, SHOWN_USERS)
    .map(({ name, connected }) => (connected ? name : `${name} (away)`));
  const rest = room.users.length - names.length;
  return (
    <li class="chip" data-room={room.name}>
      <span class="cut">
        <strong>{room.name}</strong>{" "}
        <span class="faint">
          {watching ? "watching: " : ""}
          {names.join(", ") || "nobody"}
          {rest > 0 && ` and ${rest} more`}
        </span>
      </span>
      <button
        type="button"
        class="plain"
        aria-label={`${watching ? "Stop watching" : "Leave"} ${room.name}`}
        onClick={() => tried(player, () => player.leave(entered))}
      >
        ×
      </button>
    </li>
  );
}
