import { useSignal } from "@preact/signals";
import type { MessagesView } from "../../../core/view/server_view.ts";
import { messagesOf } from "../definition.ts";
import { JsonField } from "./json_field.tsx";
import type { Player } from "../player.ts";
import { SchemaForm } from "./schema_form.tsx";
import { tried } from "./tried.ts";

/** Types of messages that are offered. */
const MOST_TYPES = 100;

/** Sends a message: by a form where the definition has a schema for it, else as JSON. */
export function SendForm({ player, definition }: { player: Player; definition: MessagesView | undefined }) {
  const chosen = useSignal<string | undefined>(undefined);
  const type = useSignal("");
  const text = useSignal("");
  const values = useSignal<Record<string, unknown>>({});
  const asks = useSignal(true);
  const rooms = player.entered.value.filter(({ watching }) => !watching).map(({ room }) => room);
  const target =
    rooms.find(({ name }) => name === chosen.value) ?? (chosen.value === "" ? undefined : rooms.at(-1));
  const messages = messagesOf(definition, target?.type);
  const fields = messages.find((message) => message.type === type.value)?.fields;
  const submit = (event: Event) => {
    event.preventDefault();
    tried(player, () => {
      const data = fields ? values.value : text.value.trim() === "" ? undefined : JSON.parse(text.value);
      return player.send(target?.name ?? "", type.value.trim(), data, asks.value);
    });
  };
  const list = `types-${player.id}`;
  return (
    <form class="stack send" onSubmit={submit}>
      <div class="row">
        <select
          aria-label="To"
          value={target?.name ?? ""}
          onChange={(event) => (chosen.value = event.currentTarget.value)}
        >
          {rooms.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
          <option value="">the application</option>
        </select>
        <input
          class="grow"
          aria-label="Message type"
          placeholder="message type"
          list={list}
          required
          autocomplete="off"
          value={type.value}
          onInput={(event) => (type.value = event.currentTarget.value)}
        />
        <datalist id={list}>
          {messages.slice(0, MOST_TYPES).map((message) => (
            <option key={message.type} value={message.type} />
          ))}
        </datalist>
      </div>
      {fields ? (
        <SchemaForm key={`${target?.type} ${type.value}`} fields={fields} values={values} />
      ) : (
        <JsonField label="Data, as JSON" text={text} />
      )}
      <div class="row">
        <label class="check">
          <input
            type="checkbox"
            checked={asks.value}
            onChange={(event) => (asks.value = event.currentTarget.checked)}
          />{" "}
          ask for a reply
        </label>
        <button type="submit" class="end">
          Send
        </button>
      </div>
    </form>
  );
}
